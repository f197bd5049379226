//! TLS applications, good and bad: a code for each certificate.
//!
//! The certificates are made here; nothing is trusted but the authority made beside them.
//! Source: Twilio, error codes 11220, 11235, 11236, 11237.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::raw::{Raw, ask, document};
use super::*;

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate for `name`, valid in these years.
fn certificate(
    issuer: Option<&Authority>,
    name: &str,
    (from, to): (i32, i32),
) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.not_before = date_time_ymd(from, 1, 1);
    params.not_after = date_time_ymd(to, 1, 1);
    let made = match issuer {
        Some(issuer) => params.signed_by(&key, issuer),
        None => params.self_signed(&key),
    };
    (made.unwrap().into(), PrivateKeyDer::try_from(key.serialize_der()).unwrap())
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// An application that answers everything with a document. Its port.
async fn serve(made: (CertificateDer<'static>, PrivateKeyDer<'static>)) -> u16 {
    let (certificate, key) = made;
    let config = rustls::ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // Who does not trust us leaves.
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut seen = vec![0; 4096];
            while stream.read(&mut seen).await.is_ok_and(|n| n > 0) {
                stream.write_all(document("").as_bytes()).await.unwrap();
            }
        }
    });
    port
}

fn trusting(authority: &Authority) -> Fetcher {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(authority.der().clone()).unwrap();
    let tls = rustls::ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    Fetcher::with_tls(&config(true), tls)
}

#[tokio::test]
async fn every_certificate_has_its_code() {
    let (ours, other) = (authority(), authority());
    let now = (2020, 2090);
    let table = [
        ("good, by name", certificate(Some(&ours), "localhost", now), "localhost", 0),
        ("good, by address", certificate(Some(&ours), "127.0.0.1", now), "127.0.0.1", 0),
        ("for another name", certificate(Some(&ours), "a.example", now), "localhost", 11_235),
        ("by name only", certificate(Some(&ours), "localhost", now), "127.0.0.1", 11_235),
        ("expired", certificate(Some(&ours), "localhost", (2020, 2021)), "localhost", 11_236),
        ("not valid yet", certificate(Some(&ours), "localhost", (2090, 2091)), "localhost", 11_236),
        ("signed by itself", certificate(None, "localhost", now), "localhost", 11_237),
        ("signed by another", certificate(Some(&other), "localhost", now), "localhost", 11_237),
    ];
    let fetcher = trusting(&ours);
    for (how, made, host, expected) in table {
        let url = format!("https://{host}:{}/", serve(made).await);
        for _ in 0..2 {
            let answered = ask(&fetcher, &url, Method::Post).await;
            let code = answered.as_ref().map_or_else(|error| error.code, |_| 0);
            assert_eq!(code, expected, "{how}: {answered:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_plain_application_speaks_no_tls() {
    let raw = Raw::saying(&document("")).await;
    let fetcher = trusting(&authority());
    let url = raw.base.replace("http://", "https://");
    assert_eq!(ask(&fetcher, &url, Method::Post).await.unwrap_err().code, 11_220);
}

#[tokio::test(start_paused = true)]
async fn a_silent_handshake_has_its_time() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/#ct=700&rc=0", listener.local_addr().unwrap());
    let begun = tokio::time::Instant::now();
    let failed = ask(&trusting(&authority()), &url, Method::Post).await.unwrap_err();
    assert_eq!(failed.code, 11_220);
    assert!(begun.elapsed() < Duration::from_millis(800), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn https_on_a_plain_port_is_not_http_either() {
    // The other way round: http:// where TLS is spoken.
    let authority = authority();
    let port = serve(certificate(Some(&authority), "localhost", (2020, 2090))).await;
    let url = format!("http://localhost:{port}/");
    let failed = ask(&trusting(&authority), &url, Method::Post).await.unwrap_err();
    assert!([11_205, 11_251].contains(&failed.code), "{}", failed.text);
}
