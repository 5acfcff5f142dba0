//! What hostile text looks like once it is harmless.

use crate::notify::escape::*;
use rstest::rstest;

#[rstest]
#[case::arn("arn:aws:iam::111122223333:role/Admin", "arn:aws:iam::111122223333:role/Admin")]
#[case::service_principal("cloudformation.amazonaws.com", "cloudformation.amazonaws.com")]
#[case::service_principal_in_china("ec2.amazonaws.com.cn", "ec2.amazonaws.com.cn")]
#[case::service_principal_ends_a_sentence("called by ec2.amazonaws.com.", "called by ec2.amazonaws.com.")]
#[case::address_and_version("aws-cli/2.17.0 from 198.51.100.7", "aws-cli/2.17.0 from 198.51.100.7")]
#[case::ipv6("2001:db8::1", "2001:db8::1")]
#[case::error_code("(`InvalidPermission.NotFound`)", "('InvalidPermission.NotFound')")]
#[case::control_id("EC2.18, CIS 5.0.0/5.3", "EC2.18, CIS 5.0.0/5.3")]
#[case::other_scripts("Zoë 東京", "Zoë 東京")]
#[case::session_of_a_person("alice@example.com", "alice(at)example[.]com")]
#[case::bucket_named_like_a_site("arn:aws:s3:::www.example.com", "arn:aws:s3:::www[.]example[.]com")]
#[case::new_lines("one\r\ntwo\u{2028}three\u{85}four", "one two three four")]
#[case::terminal_escape("\u{1b}[31mred\u{7}", "(31mred")]
#[case::channel_mention("<!channel> <@U123> @everyone <at>Bob</at>", "(!channel) ((at)U123) (at)everyone (at)Bob(/at)")]
#[case::markdown_link("[x](http://evil.com)", "(x)(http[:]//evil[.]com)")]
#[case::bare_link("see WWW.Evil.COM/x", "see WWW[.]Evil[.]COM/x")]
#[case::any_scheme("slack://evil", "slack[:]//evil")]
#[case::file_server(r"\\evil\share", r"\evil\share")]
#[case::bucket_host("evil.s3.amazonaws.com", "evil[.]s3[.]amazonaws[.]com")]
#[case::bucket_path("s3.amazonaws.com/evil", "s3[.]amazonaws[.]com/evil")]
#[case::error_code_then_domain("evil.NotFound.com", "evil.NotFound[.]com")]
#[case::bidi_override("user\u{202e}nimda", "user?nimda")]
#[case::right_to_left_letters("a\u{5d0}\u{5d1}b", "a??b")]
#[case::zero_width("@\u{200b}here e\u{200d}vil", "(at)?here e?vil")]
#[case::wide_forms("＠here evil．com evil。com", "?here evil?com evil?com")]
#[case::blank_letters("a\u{3164}b", "a?b")]
#[case::nothing_visible("\n\t", "(empty)")]
fn text(#[case] raw: &str, #[case] shown: &str) {
    assert_eq!(Medium::Text.say(raw, 200), shown);
}

#[rstest]
#[case::emphasis("*bold* _it_ ~no~", "∗bold∗ ＿it＿ ∼no∼")]
#[case::names_keep_their_underscore("user 'x' is not among `allowed_users`", "user 'x' is not among 'allowed_users'")]
#[case::slack_link("<http://evil.com|click>", "‹http[:]//evil[.]com¦click›")]
#[case::entity("&lt;!here&gt;", "＆lt;!here＆gt;")]
#[case::heading_or_channel("#general x#1", "♯general x#1")]
#[case::quote("> said", "› said")]
#[case::code_fence("```x```", "'''x'''")]
fn chat(#[case] raw: &str, #[case] shown: &str) {
    assert_eq!(Medium::Chat.say(raw, 200), shown);
    assert_eq!(Medium::Chat.code(raw, 200), format!("`{shown}`"));
}

#[test]
fn a_megabyte_becomes_a_line_with_a_mark() {
    let shown = Medium::Text.say(&"x".repeat(1 << 20), 40);
    assert_eq!(shown, format!("{}{CUT}", "x".repeat(40)));
    assert_eq!(ascii(&"é".repeat(1 << 20), 10), "???????...");
}

#[rstest]
#[case::plain(
    "aws iam update-access-key --user-name bob --status Active",
    "aws iam update-access-key --user-name bob --status Active"
)]
#[case::user_named_like_a_mail_address("aws iam x --user-name a@b.example", r"aws iam x --user-name a\@b\.example")]
#[case::json_argument(
    r#"aws ec2 x --ip-permissions '[{"IpProtocol":"-1","IpRanges":[{"CidrIp":"0.0.0.0/0"}]}]'"#,
    r#"aws ec2 x --ip-permissions '[{"IpProtocol":"-1","IpRanges":[{"CidrIp":"0.0.0.0/0"}]}]'"#
)]
#[case::hostile_description(
    r#"aws x '{"D":"<!here> @all http://e.com `x`\n"}'"#,
    r#"aws x '{"D":"\u003c\u0021here\u003e \u0040all http:\u002f\u002fe\u002ecom \u0060x\u0060\n"}'"#
)]
#[case::quote_in_description(r#"aws x '{"D":"it'\''s"}'"#, r#"aws x '{"D":"it\u0027s"}'"#)]
#[case::beyond_the_basic_plane(r#"aws x '{"D":"😀"}'"#, r#"aws x '{"D":"\ud83d\ude00"}'"#)]
fn a_command_stays_exact(#[case] raw: &str, #[case] shown: &str) {
    assert_eq!(command(raw, 500).as_deref(), Some(shown));
    let argument = |text: &str| {
        let inner = text.split_once('\'')?.1.rsplit_once('\'')?.0.replace(r"'\''", "'");
        Some(serde_json::from_str::<serde_json::Value>(&inner).unwrap())
    };
    assert_eq!(argument(raw), argument(shown), "the JSON means the same");
}

#[rstest]
#[case::substitution("aws iam x --user-name $(reboot)")]
#[case::two_commands("aws iam x; reboot")]
#[case::new_line("aws iam x\nreboot")]
#[case::link("aws s3 x --url http://evil")]
#[case::quotes_around_no_json("aws x 'y' z 'w'")]
#[case::bidi("aws iam x --user-name \u{202e}")]
fn a_command_that_cannot_be_shown_exactly_is_not_shown(#[case] raw: &str) {
    assert_eq!(command(raw, 500), None);
}

#[test]
fn a_command_is_never_cut() {
    assert_eq!(command("aws iam x", 8), None);
    assert_eq!(command("aws iam x", 9).as_deref(), Some("aws iam x"));
}

/// Every pair of pieces, glued together: whatever meets at the seam must stay inert.
#[test]
fn no_combination_of_hostile_pieces_gets_through() {
    let pieces = [
        "<!channel>",
        "<@U1>",
        "@",
        "@everyone",
        "[x]",
        "(http://evil.com)",
        "http://",
        "https:",
        "//evil",
        "www.",
        "evil.com",
        ".com",
        "amazonaws.com",
        "s3.amazonaws.com",
        "/x",
        "`",
        "*b*",
        "_i_",
        "~",
        "|",
        ">",
        "\n",
        "\r",
        "\u{202e}",
        "\u{2066}",
        "\u{200b}",
        "\u{feff}",
        "\u{0}",
        "\\\\",
        "\\",
        ":",
        "&lt;",
        "#",
        "a",
        " ",
        ".",
        "é",
    ];
    for medium in [Medium::Text, Medium::Chat] {
        for one in pieces {
            for two in pieces {
                for three in ["", "x", "/", ".com"] {
                    let raw = format!("{one}{two}{three}");
                    assert_harmless(medium, &medium.say(&raw, 200), &raw);
                }
            }
        }
    }
}

fn assert_harmless(medium: Medium, shown: &str, raw: &str) {
    let never = ["<", ">", "@", "://", "](", "`", "\\\\", "www.x"];
    for mark in never {
        assert!(!shown.contains(mark), "{raw:?} became {shown:?}");
    }
    assert!(!shown.contains("evil.com"), "{raw:?} became {shown:?}");
    assert!(!shown.contains("amazonaws.com/"), "{raw:?} became {shown:?}");
    assert!(
        shown.chars().all(|c| !c.is_control() && (c.is_ascii() || c.is_alphanumeric() || "‹›∗∼¦＆＿♯".contains(c)))
    );
    if medium == Medium::Chat {
        assert!(!shown.contains(['*', '~', '|', '&']), "{raw:?} became {shown:?}");
    }
}
