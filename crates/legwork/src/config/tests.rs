//! Configuration files and what is said of them.

use legwork_call::config::Hook;
use legwork_twiml::Method;

use super::*;

mod recognition;
mod trunk;

const ACCOUNT: &str = "[[account]]\nsid = \"AC00000000000000000000000000000001\"\n\
                       auth_token = \"secret\"\n";

/// The problems of a file that begins with an account: three lines.
fn problems(rest: &str) -> String {
    match Config::parse(&format!("{ACCOUNT}{rest}")) {
        Ok(_) => String::new(),
        Err(problems) => {
            let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
            lines.join("\n")
        }
    }
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let table = [
        ("[sip]\nlisen = []", "5:1: unknown-key: unknown key `lisen`; write `listen`"),
        ("[sipp]\nlisten = []", "4:2: unknown-key: unknown key `sipp`; write `sip`"),
        (
            "[http]\nwebhook_timeout = \"15\"",
            "5:19: bad-value: `15` is not a length of time such as \"15s\", \"500ms\", \"30m\" or \
             \"1h\"",
        ),
        (
            "[http]\nwebhook_timeout = \"15m\"",
            "5:19: bad-value: out of range; write \"1s\" to \"60s\"",
        ),
        ("[limits]\ncalls = 0", "5:9: bad-value: 0 is out of range; write 1 to 100000"),
        (
            "[[domain]]\nvoice_url = \"https://a.example/\"",
            "4:1: missing-key: the key `name` is missing here",
        ),
        (
            "[[domain]]\nname = \"a.example\"\nvoice_url = \"a.example/voice\"",
            "6:13: bad-value: `a.example/voice` is not an absolute URL such as \
             \"https://app.example.com/voice\"",
        ),
        (
            "[[domain]]\nname = \"a.example\"\naccount = \"AC00000000000000000000000000000002\"",
            "6:11: reference: there is no [[account]] with sid = \
             \"AC00000000000000000000000000000002\"",
        ),
        (
            "[[domain]]\nname = \"a.example\"\n[[domain]]\nname = \"A.example\"",
            "7:8: reference: this domain is here twice",
        ),
        (
            "[[trunk]]\nname = \"t\"\nuri = \"sip:t.example\"\npassword = { env = \"LEGWORK_NOT_SET\" }",
            "7:12: secret: the environment variable LEGWORK_NOT_SET is not set",
        ),
        (
            "[[trunk]]\nname = \"t\"\nuri = \"sip:t.example\"\npassword = { evn = \"X\" }",
            "7:14: unknown-key: unknown key `evn`; write `env`",
        ),
        (
            "[sip]\nlisten = [\"udp://[::]:5060\"]\n[media]\nlisten_address = \"0.0.0.0\"",
            "7:18: bad-value: sip.listen has IPv6: media needs an IPv6 address, too",
        ),
        ("[media]\nlisten_address = \"0.0.0\"", "5:18: bad-value: `0.0.0` is not an IP address"),
        (
            "[media]\nlisten_address = [\"0.0.0.0\", \"127.0.0.1\"]",
            "5:18: bad-value: write one IPv4 address, one IPv6 address, or one of each",
        ),
        (
            "[sip]\ndns_servers = [\"dns.example\"]",
            "5:16: bad-value: `dns.example` is not the IP address of a name server",
        ),
        ("[sip]\ndns_timeout = \"0s\"", "5:15: bad-value: out of range; write \"1s\" to \"30s\""),
        ("[media]\nrtp_ports = 10000", "5:13: bad-value: invalid type: integer `10000`"),
        ("[sip]\nlisten = [\"tls://0.0.0.0:5061\"]", "5:11: bad-value: write 1 to 16"),
    ];
    for (rest, expected) in table {
        let found = problems(rest);
        assert!(found.starts_with(expected), "{rest}\n{found}");
    }
}

#[test]
fn broken_toml_has_a_place_too() {
    let found = problems("[sip\nlisten = []");
    assert!(found.starts_with("4:5: syntax: "), "{found}");
}

#[test]
fn every_problem_of_meaning_is_told_at_once() {
    let found = problems("[limits]\ncalls = 0\ncalls_per_second = 0\nrefer_to_max = 1");
    assert_eq!(found.lines().count(), 3, "{found}");
}

/// Every key there is, of later versions too.
const REFERENCE: &str = r#"
[server]
public_address = "203.0.113.10"
data_dir = "/var/lib/legwork"
database = "sqlite:///var/lib/legwork/legwork.db"
drain_timeout = "30m"
[sip]
listen = ["udp://0.0.0.0:5060", "tcp://0.0.0.0:5060", "tls://0.0.0.0:5061"]
tls = { certificate = "/etc/legwork/tls.crt", key = "/etc/legwork/tls.key" }
dns_servers = ["192.0.2.53", "127.0.0.1:5300"]
dns_timeout = "6s"
[media]
listen_address = "0.0.0.0"
rtp_ports = "10000-59999"
codecs = ["PCMU", "PCMA", "G722", "opus"]
hold_music = "/usr/share/legwork/hold.wav"
[http]
listen = ["http://127.0.0.1:8080"]
webhook_timeout = "15s"
allow_private_webhooks = false
traceparent = true
public_url = "https://voice.example.com/"
[recordings]
public = true
at_once = 500
free_space = "1GB"
store = "s3://bank-recordings/calls"
endpoint = "https://s3.example.net"
region = "eu-central-1"
access_key = "AKIA"
secret_key = "secret"
keep_local = true
[limits]
calls = 10000
calls_per_second = 5000
transfer_pending = "600s"
refer_to_max = 256
[[account]]
sid = "AC00000000000000000000000000000001"
auth_token = "secret"
enhanced_sip_features = true
[[domain]]
account = "AC00000000000000000000000000000001"
name = "Bank.example.com"
voice_url = "https://app.example.com/voice"
voice_method = "POST"
voice_fallback_url = "https://app.example.com/fallback"
status_callback = "https://app.example.com/status"
registration = true
ip_acl = ["127.0.0.0/8"]
users = [{ username = "agent-a", password = "Mufasa" }]
[[number]]
phone_number = "+815012345678"
voice_url = "https://app.example.com/voice"
[[trunk]]
name = "carrier"
uri = "sip:sbc.carrier.example;transport=tls"
username = "acme"
password = "secret"
ip_acl = ["198.51.100.0/24"]
numbers = ["+81*"]
refer = false
[[sim]]
sid = "HS00000000000000000000000000000001"
uri = "sip:imsi-001@core.example.net"
[[recorder]]
name = "archive"
uri = "sip:recorder@srs.example.net"
username = "legwork"
password = "secret"
[[stream]]
name = "agent"
url = "wss://agent.example.com/stream"
[[application]]
sid = "AP00000000000000000000000000000001"
voice_url = "https://branch.example.com/voice"
voice_method = "GET"
voice_fallback_url = "https://branch.example.com/fallback"
voice_fallback_method = "GET"
status_callback = "https://branch.example.com/status"
status_callback_method = "GET"
"#;

#[test]
fn the_reference_configuration_is_understood() {
    let text = REFERENCE;
    let config = Config::parse(text).unwrap();
    assert_eq!(config.switch.sip.listen.len(), 2);
    assert_eq!(config.switch.media_address, Some([203, 0, 113, 10].into()));
    assert_eq!(config.http.webhook_timeout, Duration::from_secs(15));
    assert!(config.http.traceparent);
    let [domain] = config.switch.domains.as_slice() else { panic!("{:?}", config.switch.domains) };
    assert_eq!(domain.name, "bank.example.com");
    assert!(domain.challenge_calls);
    // echo -n agent-a:bank.example.com:Mufasa | md5sum
    assert_eq!(domain.users[0].ha1_md5, MUFASA);
    assert!(!format!("{config:?}").contains("secret"));
    let [sim] = config.switch.sims.as_slice() else { panic!("{:?}", config.switch.sims) };
    assert_eq!(sim.sid, "HS00000000000000000000000000000001");
    assert_eq!(sim.uri, "sip:imsi-001@core.example.net");
    assert_eq!(sim.account, config.switch.accounts[0].sid);
    let warned = config.warnings.join("\n");
    for key in ["tls://0.0.0.0:5061", "sip.tls", "server.database"] {
        assert!(warned.contains(key), "{key}: {warned}");
    }
}

#[test]
fn the_rest_of_it_is_understood() {
    let text = REFERENCE;
    let config = Config::parse(text).unwrap();
    let [recorder] = config.switch.recorders.as_slice() else { panic!("{:?}", config.switch) };
    assert_eq!((&*recorder.name, &*recorder.uri), ("archive", "sip:recorder@srs.example.net"));
    assert_eq!(recorder.account, config.switch.accounts[0].sid);
    assert_eq!(recorder.credentials.as_ref().unwrap().username, "legwork");
    let [stream] = config.switch.streams.as_slice() else { panic!("{:?}", config.switch) };
    assert_eq!((&*stream.name, &*stream.url), ("agent", "wss://agent.example.com/stream"));
    assert_eq!(stream.account, config.switch.accounts[0].sid);
    assert_eq!(config.dns.servers[1], "127.0.0.1:5300".parse().unwrap());
    assert_eq!(config.can_become(&config), Ok(()));
    let moved = Config::parse(&text.replace("udp://0.0.0.0:5060", "udp://0.0.0.0:5070")).unwrap();
    assert_eq!(config.can_become(&moved), Err("sip.listen need a restart".to_owned()));
    let any = Config::parse(&text.replace("0.0.0.0:5060", "0.0.0.0:0")).unwrap();
    assert_eq!(config.can_become(&any), Ok(()));
}

#[test]
fn what_is_wrong_with_recordings_is_said_with_its_place() {
    let table = [
        (
            "[recordings]\nstore = \"s3://bank\"",
            "5:9: missing-key: a store needs access_key and secret_key",
        ),
        (
            "[recordings]\nstore = \"https://bank\"",
            "5:9: bad-value: `https://bank` is not a bucket such as",
        ),
        ("[recordings]\nsecret_key = \"x\"", "5:14: missing-key: secret_key needs a store"),
        ("[recordings]\nat_once = 0", "5:11: bad-value: 0 is out of range; write 1 to 100000"),
        ("[recordings]\nfree_space = \"1\"", "5:14: bad-value: `1` is not a size such as"),
        ("[recordings]\npublik = true", "5:1: unknown-key: unknown key `publik`; write `public`"),
        ("[server]\ndata_dir = \"\"", "5:12: bad-value: write the path of a folder"),
    ];
    for (rest, expected) in table {
        let found = problems(rest);
        assert!(found.starts_with(expected), "{rest}\n{found}");
    }
}

#[test]
fn recordings_are_meant_as_they_are_typed() {
    let config = Config::parse(REFERENCE).unwrap();
    let own = &config.recordings;
    assert_eq!(own.folder, Path::new("/var/lib/legwork/recordings"));
    assert_eq!((own.public, own.at_once, own.free_space), (true, 500, 1_000_000_000));
    let bucket = own.store.as_ref().unwrap();
    assert_eq!(
        (bucket.url.bucket.as_str(), bucket.url.prefix.as_str()),
        ("bank-recordings", "calls")
    );
    assert_eq!(bucket.endpoint.as_deref(), Some("https://s3.example.net"));
    assert_eq!((bucket.access_key.as_str(), bucket.password.expose()), ("AKIA", &b"secret"[..]));
    assert!(bucket.keep_local);
    // Who may hear them can change while the server runs; where they are can not.
    let hidden = Config::parse(&REFERENCE.replace("\npublic = true", "")).unwrap();
    assert_eq!(config.can_become(&hidden), Ok(()));
    let moved = Config::parse(&REFERENCE.replace("bank-recordings", "others")).unwrap();
    assert_eq!(config.can_become(&moved), Err("recordings need a restart".to_owned()));
}

#[test]
fn the_http_api_is_reached_where_it_listens_unless_it_is_said() {
    for (rest, expected) in [
        ("", "http://127.0.0.1:8080"),
        ("[http]\nlisten = [\"http://192.0.2.1:80\"]", "http://192.0.2.1:80"),
        ("[http]\nlisten = [\"http://0.0.0.0:81\"]", "http://127.0.0.1:81"),
        (
            "[server]\npublic_address = \"203.0.113.10\"\n[http]\nlisten = [\"http://0.0.0.0:81\"]",
            "http://203.0.113.10:81",
        ),
        ("[http]\npublic_url = \"https://a.example/\"", "https://a.example"),
        ("[http]\nlisten = []", "http://127.0.0.1:80"),
    ] {
        let config = Config::parse(&format!("{ACCOUNT}{rest}")).unwrap();
        assert_eq!(config.switch.http_base, expected, "{rest}");
    }
}

#[test]
fn a_trunk_that_needs_tls_is_warned_of() {
    let warnings = |uri: &str| {
        let text = format!("{ACCOUNT}[[trunk]]\nname = \"carrier\"\nuri = \"{uri}\"\n");
        Config::parse(&text).unwrap().warnings
    };
    for uri in ["sips:sbc.example", "sip:sbc.example;lr;transport=TLS"] {
        let told = warnings(uri);
        assert!(told.iter().any(|w| w.starts_with("trunk carrier: uri asks for TLS")), "{told:?}");
    }
    for uri in ["sip:sbc.example", "sip:sbc.example;transport=tcp", "sip:a@b;x=transport"] {
        assert_eq!(warnings(uri), Vec::<String>::new(), "{uri}");
    }
}

#[test]
fn a_sim_has_a_sid_of_its_own_and_a_uri_that_can_be_reached() {
    let sim = |uri: &str| format!("[[sim]]\nsid = \"HS1\"\nuri = \"{uri}\"\n");
    let twice = format!("{ACCOUNT}{}{}", sim("sip:a@b"), sim("sip:c@d"));
    let problems = Config::parse(&twice).unwrap_err();
    assert!(problems[0].text.contains("this SIM is here twice"), "{problems:?}");
    let secure = Config::parse(&format!("{ACCOUNT}{}", sim("sips:a@b"))).unwrap();
    assert!(secure.warnings.iter().any(|w| w.starts_with("sim HS1: uri asks for TLS")));
}

#[test]
fn a_stream_has_a_name_of_its_own_and_a_url_of_a_websocket() {
    let stream =
        |name: &str, url: &str| format!("[[stream]]\nname = \"{name}\"\nurl = \"{url}\"\n");
    let one = stream("a", "ws://127.0.0.1/x");
    for (typed, what) in [
        (format!("{one}{one}"), "this stream is here twice"),
        (stream("", "wss://a"), "a stream has a name"),
        (stream("a", "https://a"), "WebSocket"),
    ] {
        let problems = Config::parse(&format!("{ACCOUNT}{typed}")).unwrap_err();
        assert!(problems[0].text.contains(what), "{what}: {problems:?}");
    }
    let plain = Config::parse(&format!("{ACCOUNT}{one}")).unwrap();
    assert!(plain.warnings.iter().any(|w| w.starts_with("stream a: ws:// needs http.allow_")));
    let many = |n: usize| -> String { (0..n).map(|n| stream(&n.to_string(), "wss://a")).collect() };
    assert!(Config::parse(&format!("{ACCOUNT}{}", many(256))).is_ok());
    assert!(Config::parse(&format!("{ACCOUNT}{}", many(257))).is_err());
}

#[test]
fn a_recorder_has_a_name_of_its_own_and_a_uri_that_can_be_reached() {
    let recorder = |more: &str| format!("[[recorder]]\nname = \"a\"\n{more}\n");
    let (near, far) = (recorder("uri = \"sip:a@b\""), recorder("uri = \"sips:c@d\""));
    for (typed, what) in [
        (format!("{near}{far}"), "this recorder is here twice"),
        (near.replace("\"a\"", "\"\""), "a recorder has a name"),
        (format!("{near}username = \"x\"\n"), "a username needs a password"),
        (format!("{near}password = \"x\"\n"), "a password needs a username"),
        (recorder("uri = \"http://b\""), "SIP URI"),
    ] {
        let problems = Config::parse(&format!("{ACCOUNT}{typed}")).unwrap_err();
        assert!(problems[0].text.contains(what), "{what}: {problems:?}");
    }
    let secure = Config::parse(&format!("{ACCOUNT}{far}")).unwrap();
    assert!(secure.warnings.iter().any(|w| w.starts_with("recorder a: uri asks for TLS")));
    let one_too_many = (0..=256).map(|n| near.replace("\"a\"", &format!("\"{n}\"")));
    let many: String = one_too_many.collect();
    assert!(Config::parse(&format!("{ACCOUNT}{many}")).is_err());
}

#[test]
fn an_application_is_meant_as_it_is_typed() {
    let config = Config::parse(REFERENCE).unwrap();
    let [branch] = config.switch.applications.as_slice() else { panic!("{:?}", config.switch) };
    assert_eq!(branch.account, config.switch.accounts[0].sid);
    assert_eq!(branch.sid, "AP00000000000000000000000000000001");
    let application = &branch.application;
    for (hook, path) in [
        (&application.voice, "voice"),
        (&application.fallback, "fallback"),
        (&application.status, "status"),
    ] {
        let url = format!("https://branch.example.com/{path}");
        assert_eq!(*hook, Some(Hook { url, method: Method::Get }));
    }
}

#[test]
fn an_application_has_a_sid_of_its_own_and_a_url() {
    let url = "voice_url = \"https://a.example/\"\n";
    let sid = |sid: &str| format!("[[application]]\nsid = \"{sid}\"\n");
    let first = sid("AP00000000000000000000000000000001");
    let bad = "bad-value: write AP and 32 lower-case hexadecimal digits";
    for (rest, expected) in [
        (format!("{first}{url}{first}{url}"), "8:7: reference: this application is here twice"),
        (first.clone(), "4:1: missing-key: the key `voice_url` is missing here"),
        (format!("{}{url}", sid("AP1")), &format!("5:7: {bad}")),
        (format!("{}{url}", sid("AC00000000000000000000000000000001")), &format!("5:7: {bad}")),
        (format!("{}{url}", sid("AP0000000000000000000000000000000X")), &format!("5:7: {bad}")),
        (
            format!("{first}{url}account = \"AC00000000000000000000000000000009\""),
            "7:11: reference: there is no [[account]]",
        ),
    ] {
        let found = problems(&rest);
        assert!(found.starts_with(expected), "{rest}\n{found}");
    }
}

const MUFASA: &str = "f96f3fea6d7d9ab70bec7de1d19e8316";

#[test]
fn nothing_but_an_account_is_enough() {
    let config = Config::parse(ACCOUNT).unwrap();
    assert_eq!(config.switch.sip.listen.len(), 2);
    assert_eq!(config.http.listen, ["127.0.0.1:8080".parse().unwrap()]);
    assert_eq!(config.warnings, Vec::<String>::new());
    assert!(!config.http.allow_private_webhooks);
    assert!(!config.http.traceparent);
}

#[test]
fn secrets_come_from_files() {
    let path = std::env::temp_dir().join(format!("legwork-secret-{}", std::process::id()));
    std::fs::write(&path, "from-a-file\n").unwrap();
    let text = format!(
        "[[account]]\nsid = \"AC00000000000000000000000000000001\"\nauth_token = {{ file = {path:?} }}"
    );
    let config = Config::parse(&text).unwrap();
    let token = config.tokens.get(&AccountSid::from_bits(1)).unwrap();
    assert_eq!(token.expose(), b"from-a-file");
    std::fs::remove_file(&path).unwrap();
    let gone = Config::parse(&text).unwrap_err();
    assert_eq!((gone[0].line, gone[0].code), (3, "secret"));
}

#[test]
fn development_is_loopback_only() {
    let config = development::config(5060, 8080, true, None);
    let sip = config.switch.sip.listen.iter().map(|(_, address)| address);
    assert!(sip.chain(&config.http.listen).all(|address| address.ip().is_loopback()));
    assert!(config.media.listen_addresses.iter().all(IpAddr::is_loopback));
    let domain = &config.switch.domains[0];
    assert!(!domain.challenge_calls && domain.registration && domain.users.len() == 4);
    let voice = domain.application.voice.as_ref().unwrap();
    assert_eq!(voice.url, "http://127.0.0.1:8080/bank/voice");
}
