//! G.722 against the recommendation's numbers and against what a good codec does to sounds.
