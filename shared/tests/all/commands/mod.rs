//! Every command that is printed, held against what the AWS command line takes: the calls, their options and which of
//! them must be there. `aws.json` is taken from botocore's service models (1.43.127), for the calls that this project
//! makes; an option is `--` and the member's name in lower case
//! with dashes, and a structure of one flag is a flag, as the AWS command line makes them; so is `--recording-group`, which it takes out of the recorder.

use crate::fixtures::seen;
use serde_json::Value;

const CALLS: &str = include_str!("aws.json");

/// The words of a line as a POSIX shell takes them, command by command.
fn words(line: &str) -> Vec<Vec<String>> {
    let (mut commands, mut word, mut is_word) = (vec![Vec::new()], String::new(), false);
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\'' => {
                is_word = true;
                word.extend(letters.by_ref().take_while(|letter| *letter != '\''));
            }
            '"' => {
                is_word = true;
                while let Some(letter) = letters.next().filter(|letter| *letter != '"') {
                    assert!(!"$`".contains(letter), "a shell replaces `{letter}` inside double quotes in: {line}");
                    word.extend(if letter == '\\' { letters.next() } else { Some(letter) });
                }
            }
            '\\' => {
                is_word = true;
                word.extend(letters.next());
            }
            ' ' if is_word => {
                commands.last_mut().unwrap().push(std::mem::take(&mut word));
                is_word = false;
            }
            ' ' => {}
            '&' if letters.next_if_eq(&'&').is_some() && !is_word => commands.push(Vec::new()),
            letter => {
                assert!(!"$`;|&<>()*?[]#~!{}\n\t".contains(letter), "`{letter}` stands without quotes in: {line}");
                is_word = true;
                word.push(letter);
            }
        }
    }
    if is_word {
        commands.last_mut().unwrap().push(word);
    }
    commands
}

/// Everything that is wrong with a line.
fn problems(line: &str, calls: &Value) -> Vec<String> {
    // What a command in the command answers is a word of it: the ids that it finds.
    let inner = line.split_once("$(").and_then(|(before, rest)| {
        let (inner, after) = rest.rsplit_once(')')?;
        Some((inner, format!("{before}found{after}")))
    });
    if let Some((inner, outer)) = inner {
        return [problems(inner, calls), problems(&outer, calls)].concat();
    }
    words(line).into_iter().flat_map(|words| problems_of_one(&words, calls)).collect()
}

fn problems_of_one(words: &[String], calls: &Value) -> Vec<String> {
    let [first, service, command, rest @ ..] = words else { return vec!["it is no whole command".to_owned()] };
    let call = &calls[format!("{service} {command}")];
    if first != "aws" || call.is_null() {
        return vec![format!("no call of the table: {first} {service} {command}")];
    }
    let mut given: Vec<(&str, Vec<&str>)> = Vec::new();
    for word in rest {
        // The AWS command line's own name for `--no-egress`.
        let word = if word == "--ingress" { "--no-egress" } else { word.as_str() };
        match given.last_mut() {
            _ if word.starts_with("--") => given.push((word, Vec::new())),
            Some((_, values)) => values.push(word),
            None => return vec![format!("`{word}` belongs to no option")],
        }
    }
    let mut wrong = Vec::new();
    for (option, values) in &given {
        let is_off = call["options"][*option].is_null();
        let positive = if is_off { option.replacen("--no-", "--", 1) } else { (*option).to_owned() };
        let kind = match *option {
            "--region" | "--query" | "--output" => "text",
            _ => call["options"][&positive].as_str().unwrap_or("unknown"),
        };
        let fits = match (kind, values.as_slice()) {
            ("flag", []) => true,
            _ if is_off && kind == "flag" => false,
            ("text", [value]) => !value.is_empty() || clears(command, option),
            ("number", [value]) => value.parse::<i64>().is_ok(),
            ("list", [_, ..]) => values.iter().all(|value| !value.is_empty() && is_json_if_it_looks_so(value)),
            ("json", [value]) => !value.is_empty() && is_json_if_it_looks_so(value),
            _ => false,
        };
        if !fits {
            wrong.push(format!("`{option} {}` is not what the call takes ({kind})", values.join(" ")));
        }
        let is_placeholder =
            |value: &&&str| value.starts_with('<') || ["unknown", "null", "?", "None"].contains(*value);
        wrong.extend(values.iter().find(is_placeholder).map(|value| format!("`{option}` is `{value}`")));
    }
    let has = |option: &str| given.iter().any(|(one, _)| *one == option || one.replacen("--no-", "--", 1) == option);
    let required = call["required"].as_array().unwrap().iter().filter_map(Value::as_str);
    wrong.extend(required.filter(|option| !has(option)).map(|option| format!("`{option}` is missing")));
    if command.contains("-security-group-") && !has("--group-id") && !has("--group-name") {
        wrong.push("no group is named".to_owned());
    }
    let groups = given.iter().filter(|(option, _)| *option == "--group-id").flat_map(|(_, values)| values);
    wrong.extend(groups.filter(|id| !id.starts_with("sg-")).map(|id| format!("`{id}` is no group id")));
    wrong
}

/// Settings that an empty text removes.
fn clears(command: &str, option: &str) -> bool {
    const OF_A_TRAIL: [&str; 5] = [
        "--s3-key-prefix",
        "--sns-topic-name",
        "--cloud-watch-logs-log-group-arn",
        "--cloud-watch-logs-role-arn",
        "--kms-key-id",
    ];
    command == "update-trail" && OF_A_TRAIL.contains(&option)
}

fn is_json_if_it_looks_so(value: &str) -> bool {
    !value.starts_with(['{', '[']) || serde_json::from_str::<Value>(value).is_ok()
}

#[test]
fn every_command_that_is_printed_is_one_that_aws_takes() {
    let calls: Value = serde_json::from_str(CALLS).unwrap();
    let (mut wrong, mut asked) = (Vec::new(), 0);
    for ((guardrail, name), seen) in seen() {
        for finding in &seen.findings {
            for step in &finding.steps {
                for line in std::iter::once(&step.command).chain(&step.undo_command) {
                    asked += 1;
                    wrong.extend(
                        problems(line, &calls).iter().map(|why| format!("{guardrail}/{name}: {why}\n  {line}")),
                    );
                }
            }
        }
    }
    assert!(asked > 100, "{asked}");
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_check_finds_what_is_wrong() {
    let calls: Value = serde_json::from_str(CALLS).unwrap();
    for (line, part) in [
        ("aws ec2 revoke-security-group-ingress --group-id app-sg --ip-permissions '[]'", "`app-sg` is no group id"),
        ("aws ec2 revoke-security-group-ingress --ip-permissions '[]'", "no group is named"),
        ("aws ec2 revoke-security-group-ingress --group-id sg-1 --ip-permissions '[{]'", "--ip-permissions"),
        ("aws iam update-access-key --access-key-id AKIAEXAMPLE", "`--status` is missing"),
        ("aws iam update-access-key --access-key-id '' --status Inactive", "`--access-key-id `"),
        ("aws iam delete-access-keys --access-key-id AKIAEXAMPLE", "no call of the table"),
        ("aws rds modify-db-instance --db-instance-identifier a --publicly-accessible false", "--publicly-accessible"),
        ("aws rds modify-db-instance --db-instance-identifier a --no-engine", "--no-engine"),
    ] {
        let wrong = problems(line, &calls).join("; ");
        assert!(wrong.contains(part), "{line}: {wrong}");
    }
    let right = "aws rds modify-db-instance --db-instance-identifier a --no-publicly-accessible --region eu-west-1 && \
                 aws iam put-user-policy --user-name 'it'\\''s' --policy-name b --policy-document '{\"a\": \"&&\"}'";
    assert_eq!(problems(right, &calls), [""; 0]);
}
