//! SIPp as a carrier: the built server calls out through a trunk and registers with it.
//!
//! Not here: which gateway, which number, which identity (the simulation, `trunks`).
//! Source: RFC 3261 §8.1.3.4, §10.2, §13.2.2.4, §22; RFC 3263 §4.3; the README, "Trunks".

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test"
)]

#[expect(dead_code, reason = "shared with the tests of transfers")]
#[path = "real/app.rs"]
mod app;
#[expect(dead_code, reason = "shared with the tests of transfers")]
#[path = "real/server.rs"]
mod server;
#[expect(dead_code, reason = "shared with the tests of transfers")]
#[path = "real/sipp.rs"]
mod sipp;

use app::App;
use serde_json::Value;
use server::{PATIENCE, Server, configuration, free_port, is_installed, said, until};
use sipp::Sipp;

const NUMBER: &str = "+8130000000";
const OURS: &str = "+815012345678";

/// A server with a trunk to gateways at these ports, the first one first.
fn server(name: &str, app: &App, ports: &[u16], more: &str) -> Server {
    let gateway = |(at, port): (usize, &u16)| {
        format!("{{ uri = \"sip:127.0.0.1:{port}\", priority = {at} }}")
    };
    let gateways: Vec<String> = ports.iter().enumerate().map(gateway).collect();
    let trunk = format!(
        "[[trunk]]\nname = \"carrier\"\ngateways = [{}]\nnumbers = [\"+81*\"]\n\
         username = \"acme\"\npassword = \"secret\"\noptions_interval = \"0s\"\n{more}",
        gateways.join(", ")
    );
    Server::start_with(name, &(configuration(app, &[]) + &trunk))
}

fn gateway(server: &Server, port: u16, scenario: &str, keys: &[(&str, &str)]) -> Sipp {
    let case = format!("gateway-{port}");
    Sipp::listens_on(port, server, &case, &format!("carrier/{scenario}"), keys)
}

/// Calls out, waits for the answer, hangs up. Gives the ladder.
fn call_out(server: &Server) -> String {
    let document = "<Response><Pause length=\"60\"/></Response>";
    let placed = server.command(&["call", OURS, NUMBER, "--twiml", document, "--json"]);
    let placed: Value = serde_json::from_str(&said(&placed, 0)).unwrap();
    let call = placed.get("sid").and_then(Value::as_str).unwrap().to_owned();
    until("the call is answered", PATIENCE, || {
        let row = server.get(&format!("/_/calls/{call}")).1;
        assert!(row.contains("\"end_time\":null"), "{row}\n{}", server.trace(&call));
        row.contains("in-progress").then_some(())
    });
    said(&server.command(&["hangup", &call]), 0);
    server.trace(&call)
}

#[test]
fn calls_go_out_as_carriers_want_them() {
    if !is_installed("sipp", "sip-tester", "a carrier") {
        return;
    }
    let app = App::start();
    let [first, second] = [free_port(), free_port()];
    let server = server("carrier", &app, &[first, second], "");
    for scenario in ["answers", "asks-for-the-password", "forks"] {
        let carrier = gateway(&server, first, scenario, &[]);
        call_out(&server);
        carrier.ends_well();
    }
    let next = second.to_string();
    let busy = gateway(&server, first, "redirects", &[("next", &next)]);
    let other = gateway(&server, second, "answers", &[]);
    call_out(&server);
    busy.ends_well();
    other.ends_well();

    // Last: a gateway that says 503 is passed over for a while.
    let busy = gateway(&server, first, "is-unavailable", &[]);
    let other = gateway(&server, second, "answers", &[]);
    let ladder = call_out(&server);
    busy.ends_well();
    other.ends_well();
    assert!(ladder.contains("503"), "{ladder}");
    server.is_back_at_the_baseline();
}

#[test]
fn early_media_of_a_carrier_reaches_the_caller() {
    if !is_installed("sipp", "sip-tester", "early media of a carrier") {
        return;
    }
    let app = App::start();
    let port = free_port();
    let server = server("carrier-early", &app, &[port], "");
    let dial = format!("<Dial answerOnBridge=\"true\"><Number>{NUMBER}</Number></Dial>");
    app.answers_calls_to("early", &dial);
    let carrier = gateway(&server, port, "plays-early-media", &[]);
    let usera = Sipp::calls_as(&server, "early", "early", "carrier/usera-hears-early-media", &[]);
    usera.ends_well();
    carrier.ends_well();
    server.is_back_at_the_baseline();
}

#[test]
fn a_registration_is_kept_and_ended() {
    if !is_installed("sipp", "sip-tester", "registration with a carrier") {
        return;
    }
    let app = App::start();
    let port = free_port();
    let server = server("carrier-registers", &app, &[port], "register = true\n");
    let registrar = gateway(&server, port, "keeps-a-registration", &[]);
    until("registered", PATIENCE, || {
        server.get("/_/trunks").1.contains("\"registered\"").then_some(())
    });
    let shown = said(&server.command(&["trunks"]), 0);
    assert!(shown.contains("registered") && shown.contains("sip:acme@127.0.0.1"), "{shown}");
    server.terminate();
    registrar.ends_well();
}
