//! The hand-written part of a template, with what is generated in the places that it names.

use crate::Error;

const MARK: &str = "#> ";

/// The text with each line `#> name` replaced by what is generated under that name, behind the same spaces.
///
/// # Errors
/// Where a name is unknown, or something generated has no place.
pub(crate) fn filled(file: &'static str, text: &str, generated: &[(&str, String)]) -> Result<String, Error> {
    let mut used = vec![false; generated.len()];
    let mut out = String::new();
    for line in text.lines() {
        let Some(name) = line.trim_start().strip_prefix(MARK) else {
            out.push_str(line);
            out.push('\n');
            continue;
        };
        let found = generated.iter().zip(&mut used).find(|((known, _), _)| *known == name);
        let why = || Error::Parts { file, why: format!("nothing is generated under the name `{name}`") };
        let ((_, content), used) = found.ok_or_else(why)?;
        *used = true;
        let pad = line.len() - line.trim_start().len();
        for line in content.lines() {
            if !line.is_empty() {
                out.push_str(&" ".repeat(pad));
                out.push_str(line);
            }
            out.push('\n');
        }
    }
    match generated.iter().zip(used).find(|(_, used)| !used) {
        Some(((name, _), _)) => Err(Error::Parts { file, why: format!("there is no line `{MARK}{name}`") }),
        None => Ok(out),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop where its story does not hold")]

    use super::*;

    #[test]
    fn what_is_generated_goes_where_its_name_stands() {
        let generated = [("list", "- a\n\n- b: |\n    c\n".to_owned())];
        let text = "# kept\nA:\n  #> list\nB: 1\n";
        assert_eq!(filled("f", text, &generated).unwrap(), "# kept\nA:\n  - a\n\n  - b: |\n      c\nB: 1\n");
        assert!(filled("f", "#> other\n", &generated).unwrap_err().to_string().contains("`other`"));
        assert!(filled("f", "A: 1\n", &generated).unwrap_err().to_string().contains("`#> list`"));
    }
}
