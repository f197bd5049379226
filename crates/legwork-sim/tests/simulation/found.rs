//! What random scenarios have found, each as the smallest ladder that shows it, named after its seed.

mod hearing;
