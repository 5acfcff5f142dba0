//! Containers, blocks and broken ends.

use super::*;

/// A text that lies in memory is read the same as a stream.
fn split(text: &str) -> (Vec<String>, Contents) {
    let (mut found, mut in_memory) = (Vec::new(), Vec::new());
    let mut take = |record: &[u8]| found.push(String::from_utf8_lossy(record).into_owned());
    let done = Splitter::default().records(text.as_bytes(), &mut take);
    let whole = whole(text.as_bytes(), |record| in_memory.push(String::from_utf8_lossy(record).into_owned()));
    assert!((&found, &done) == (&in_memory, &whole), "{text:.200}");
    (found, done)
}

#[test]
fn every_container_gives_the_same_records() {
    let records = [r#"{"a":1}"#, r#"{"b":{"c":"}{\"\\"}}"#];
    let texts = [
        format!(r#"{{"Records":[{},{}]}}"#, records[0], records[1]),
        format!("{{ \"Records\" :\n [ {} ,\n{} ] , \"more\": {{\"x\":\"]}}\"}} }}\n", records[0], records[1]),
        format!("[{},{}]", records[0], records[1]),
        format!("{}\n{}\n", records[0], records[1]),
        format!("\u{feff}{}{}", records[0], records[1]),
    ];
    for text in texts {
        let (found, done) = split(&text);
        assert_eq!(found, records, "{text}");
        assert_eq!((done.broken, done.strays), (None, 0), "{text}");
    }
}

#[test]
fn a_record_across_blocks_is_whole() {
    for length in [BLOCK - 20, BLOCK - 3, BLOCK - 2, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK] {
        let record = format!(r#"{{"text":"{}\\\"{{"}}"#, "x".repeat(length));
        let text = format!(r#"{{"Records":[{record},{{"a":1}}]}}"#);
        let (found, done) = split(&text);
        assert!(found == [record.as_str(), r#"{"a":1}"#], "{length}");
        assert_eq!((done.objects, done.bytes, done.broken), (2, text.len() as u64, None));
    }
}

#[test]
fn what_is_broken_is_reported_and_the_rest_is_read() {
    let (found, done) = split("{\"a\":1}\nnonsense\n{\"b\":2}\n");
    assert_eq!((found.len(), done.strays, done.broken), (2, 1, None));
    for text in [r#"{"Records":[{"a":1},{"b":"#, r#"{"Records":[{"a":1}"#, r#"{"a":1}{"b":"x\"#] {
        let (found, done) = split(text);
        assert_eq!(found, [r#"{"a":1}"#], "{text}");
        assert!(done.broken.unwrap().contains("middle of a record"), "{text}");
    }
    assert_eq!(split("").1, Contents::default());
    assert_eq!(split(r#"{"Records":[]}"#).1.objects, 0);
    assert_eq!(split("a,b,c\n1,2,3\n").1.strays, 2);
}

#[test]
fn an_error_of_the_source_keeps_what_came_before() {
    struct Failing(bool);
    impl Read for Failing {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            if std::mem::replace(&mut self.0, true) {
                return Err(io::Error::other("corrupt"));
            }
            let text = br#"{"Records":[{"a":1},{"#;
            into[..text.len()].copy_from_slice(text);
            Ok(text.len())
        }
    }
    let mut found = 0;
    let done = Splitter::default().records(Failing(false), |_| found += 1);
    assert_eq!((found, done.broken.as_deref()), (1, Some("corrupt")));
}
