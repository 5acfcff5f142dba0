//! What others run: the GitHub Action, the hook of pre-commit and the template of GitLab, as far as they can be without their servers.

use crate::support::folder;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const OPEN: &str = "Resources:\n  Web:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      SecurityGroupIngress: \
                    [{ IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0 }]\n";

fn yaml(file: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    parapet::template::Node::parse(&fs::read_to_string(path).unwrap()).unwrap().to_value()
}

/// A working folder with templates, and the command where an installation would have put it.
fn place(name: &str) -> PathBuf {
    let at = folder(name);
    fs::create_dir_all(at.join("parapet/bin")).unwrap();
    symlink(env!("CARGO_BIN_EXE_parapet"), at.join("parapet/bin/parapet")).unwrap();
    fs::create_dir_all(at.join("templates/deep")).unwrap();
    fs::write(at.join("templates/deep/open.yaml"), OPEN).unwrap();
    fs::write(at.join("templates/a file.yaml"), OPEN.replace("0.0.0.0/0", "10.0.0.0/8")).unwrap();
    at
}

fn bash(at: &Path, script: &str, variables: &[(&str, &str)]) -> (i32, String) {
    let path = format!("{}:{}", at.join("parapet/bin").display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("bash");
    command.args(["-c", script]).current_dir(at).env("PATH", path).env("RUNNER_TEMP", at).env("NO_COLOR", "1");
    let Output { status, stdout, stderr } = command.envs(variables.iter().copied()).output().unwrap();
    (status.code().unwrap(), String::from_utf8([stdout, stderr].concat()).unwrap())
}

/// The variables of the step, with the defaults of the inputs and what is given instead.
fn action<'a>(action: &'a Value, step: &'a Value, given: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let of = |expression: &'a str| {
        let name = expression.strip_prefix("${{ inputs.").unwrap().strip_suffix(" }}").unwrap();
        let given = given.iter().find(|(input, _)| *input == name).map(|(_, value)| *value);
        given.unwrap_or_else(|| action["inputs"][name]["default"].as_str().unwrap())
    };
    step["env"].as_object().unwrap().iter().map(|(name, value)| (name.as_str(), of(value.as_str().unwrap()))).collect()
}

#[test]
fn the_action_annotates_and_fails_on_a_violation() {
    let yaml = yaml("action.yml");
    let steps = yaml["runs"]["steps"].as_array().unwrap();
    let step = steps.iter().find(|step| step["name"] == "Check").unwrap();
    let script = step["run"].as_str().unwrap();
    let at = place("integrations-action");
    let check = |given: &[(&str, &str)]| bash(&at, script, &action(&yaml, step, given));
    let (status, said) = check(&[("files", "templates/**/*.yaml"), ("sarif", "parapet.sarif")]);
    assert!(status == 1 && said.contains("::error file=templates/deep/open.yaml,line=5,"), "{said}");
    let sarif: Value = serde_json::from_str(&fs::read_to_string(at.join("parapet.sarif")).unwrap()).unwrap();
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "security-group-admin-port-open");
    let (status, said) = check(&[("files", "templates/*.yaml"), ("strict", "true"), ("region", "eu-west-1")]);
    assert!(status == 0 && said.contains("0 violations"), "{said}");
    let (status, said) = check(&[("files", "none/*.yaml")]);
    assert!(status == 2 && said.contains("no file matches: none/*.yaml"), "{said}");
    // What is given is never run.
    let (_, said) = check(&[("files", "templates/*.yaml"), ("account", "$(touch pwned)")]);
    assert!(!at.join("pwned").exists(), "{said}");
}

#[test]
fn the_hook_judges_the_files_that_pre_commit_hands_it() {
    let yaml = yaml(".pre-commit-hooks.yaml");
    let hook = &yaml[0];
    let at = place("integrations-hook");
    let (status, said) = bash(&at, &format!("{} templates/deep/open.yaml", hook["entry"].as_str().unwrap()), &[]);
    assert!(status == 1 && said.contains("security-group-admin-port-open"), "{said}");
}

#[test]
fn the_template_of_gitlab_writes_both_reports_and_fails_on_a_violation() {
    let yaml = yaml("integrations/gitlab.yml");
    let job = &yaml["parapet"];
    let script: Vec<&str> = job["script"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    let script = format!("set -e\n{}", script.join("\n"));
    let at = place("integrations-gitlab");
    let run = |files: &str| bash(&at, &script, &[("PARAPET_FILES", files), ("PARAPET_OPTIONS", "--region eu-west-1")]);
    let (status, said) = run("templates/deep/*.yaml");
    assert!(status == 1 && said.contains("1 violation"), "{said}");
    let reports = &job["artifacts"]["reports"];
    let quality = fs::read_to_string(at.join(reports["codequality"].as_str().unwrap())).unwrap();
    let quality: Value = serde_json::from_str(&quality).unwrap();
    assert_eq!(quality[0]["location"]["path"], "templates/deep/open.yaml");
    assert!(fs::read_to_string(at.join(reports["junit"].as_str().unwrap())).unwrap().contains("failures=\"1\""));
}
