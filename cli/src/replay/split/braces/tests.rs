//! The scan by chunks against one byte by byte.

use super::*;

/// The object's end, byte by byte.
fn plain(object: &[u8]) -> Option<usize> {
    let mut scan = Braces { depth: 1, ..Braces::default() };
    match scan.bytes(object.get(1..)?) {
        ControlFlow::Break(end) => Some(end + 1),
        ControlFlow::Continue(_) => None,
    }
}

fn end(object: &[u8]) -> Option<usize> {
    Braces { depth: 1, ..Braces::default() }.end(object)
}

/// The same, from blocks that end anywhere.
fn by_blocks(object: &[u8], mut next: impl FnMut() -> usize) -> Option<usize> {
    let mut scan = Braces { depth: 1, ..Braces::default() };
    let mut length = 0;
    loop {
        length = (length + 1 + next()).min(object.len());
        if let Some(end) = scan.end(&object[..length]) {
            return Some(end);
        }
        if length == object.len() {
            return None;
        }
    }
}

#[test]
fn chunks_and_blocks_end_where_bytes_do() {
    let mut state = 7_u64;
    let mut next = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    // More and less of what matters; what differs from it by a bit; what is no text.
    let alphabets: [&[u8]; 5] = [
        b"\"{}\\",
        b"\"{}\\\\\\\\\\\\",
        b"\"{{{}}abcdefghijklmnopq:,",
        b"\\\"\"aaaaaaaaaaaaaaaaaaaa{}",
        b"\"\\{}y\x7f\xfb\xfd\xa2\xdc#|z[]\0\xff",
    ];
    let mut found = 0;
    for alphabet in alphabets {
        for _ in 0..4_000 {
            let length = next() % 400;
            let rest = (0..length).map(|_| alphabet[next() % alphabet.len()]);
            let object: Vec<u8> = [b'{'].into_iter().chain(rest).collect();
            let expected = plain(&object);
            let shown = String::from_utf8_lossy(&object).into_owned();
            assert_eq!(end(&object), expected, "{shown}");
            assert_eq!(by_blocks(&object, || next() % 90), expected, "{shown}");
            found += usize::from(expected.is_some_and(|end| end > CHUNK));
        }
    }
    assert!(found > 500, "long ones too: {found}");
}

#[test]
fn an_object_ends_with_its_last_brace() {
    let long = format!(r#"{{"a":"{}\\\"}}","b":{{"c":"\\"}}}}"#, "x".repeat(200));
    for object in [r"{}", r#"{"a":{"b":"}\"}"}}"#, r#"{"a\\":"{"}"#, &long] {
        let more = format!("{object},{{\"next\":1}}");
        assert_eq!((end(object.as_bytes()), end(more.as_bytes())), (Some(object.len()), Some(object.len())));
        assert_eq!(end(&object.as_bytes()[..object.len() - 1]), None, "{object}");
    }
}
