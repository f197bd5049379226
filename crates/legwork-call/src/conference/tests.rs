//! Conferences by themselves, at their edges.

use super::*;

fn room(n: u64, account: u128, name: &str) -> Conference {
    Conference {
        sid: ConferenceSid::from_bits(n.into()),
        account: AccountSid::from_bits(account),
        name: name.to_owned(),
        room: media::RoomId(n),
        thread: 0,
        began: SystemTime::UNIX_EPOCH,
        has_started: false,
        participants: Vec::new(),
        most: 2,
        call: CallSid::from_bits(0),
        root: CallSid::from_bits(0),
        told: None,
        wanted: None,
        recorded: None,
        announcement: None,
    }
}

#[test]
fn a_room_is_found_by_its_name_and_sid_by_its_account_alone() {
    let mut rooms = Conferences::default();
    rooms.insert(room(1, 1, "one"));
    let (mine, other) = (AccountSid::from_bits(1), AccountSid::from_bits(2));
    let sid = ConferenceSid::from_bits(1).to_string();
    for (account, name, is_found) in [
        (mine, "one", true),
        (mine, sid.as_str(), true),
        (mine, "two", false),
        (other, "one", false),
        (other, sid.as_str(), false),
    ] {
        assert_eq!(rooms.named(account, name).is_some(), is_found, "{name}");
    }
    rooms.remove(media::RoomId(1)).unwrap();
    assert!(rooms.named(mine, "one").is_none() && rooms.named(mine, &sid).is_none());
}

#[test]
fn there_are_only_so_many_rooms() {
    let mut rooms = Conferences::default();
    let (mine, other) = (AccountSid::from_bits(1), AccountSid::from_bits(2));
    let most = u64::try_from(limit::CONFERENCES_OF_ACCOUNT_MAX).unwrap();
    for n in 0..most {
        assert!(!rooms.is_full_for(mine), "{n}");
        rooms.insert(room(n, 1, &n.to_string()));
    }
    assert!(rooms.is_full_for(mine) && !rooms.is_full_for(other));
    for n in most..u64::try_from(limit::CONFERENCES_MAX).unwrap() {
        rooms.insert(room(n, 3 + u128::from(n), "name"));
    }
    assert!(rooms.is_full_for(other));
    rooms.remove(media::RoomId(most));
    assert!(!rooms.is_full_for(other));
}
