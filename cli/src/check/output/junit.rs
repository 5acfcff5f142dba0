//! JUnit XML, as test reports of CI servers read it.

use crate::check::Checked;
use crate::check::finding::{Finding, Result};
use crate::failure::Failure;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

pub(super) fn report(checked: &Checked) -> std::result::Result<String, Failure> {
    let mut report = Report::new("parapet check");
    for file in &checked.files {
        let mut suite = TestSuite::new(file.as_str());
        suite.add_test_cases(checked.findings.iter().filter(|finding| finding.file == *file).map(case));
        for (_, _, why) in checked.unknowns.iter().filter(|(of, _, _)| of == file) {
            let mut status = TestCaseStatus::skipped();
            status.set_message(why.as_str());
            suite.add_test_case(TestCase::new("undetermined", status));
        }
        for (_, why) in checked.errors.iter().filter(|(of, _)| of == file) {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(why.as_str());
            suite.add_test_case(TestCase::new("not checked", status));
        }
        if suite.test_cases.is_empty() {
            suite.add_test_case(TestCase::new("no violation", TestCaseStatus::success()));
        }
        report.add_test_suite(suite);
    }
    report.to_string().map_err(|why| Failure::with("cannot write the report", why))
}

fn case(finding: &Finding) -> TestCase {
    let mut status = match finding.result {
        Result::Violation => TestCaseStatus::non_success(NonSuccessKind::Failure),
        Result::Undetermined | Result::Exempt | Result::Baseline => TestCaseStatus::skipped(),
    };
    let open = match finding.result {
        Result::Violation => String::new(),
        Result::Undetermined => "undetermined: ".to_owned(),
        Result::Exempt => format!("{}: ", finding.exemption.as_deref().unwrap_or("exempt")),
        Result::Baseline => "in the baseline: ".to_owned(),
    };
    status.set_message(format!("{open}{}", finding.reason));
    if finding.result == Result::Violation {
        status.set_type(finding.severity.word());
    }
    let place = format!("{}:{}", finding.file, finding.line);
    let mut case = TestCase::new(format!("{} ({place})", finding.resource), status);
    case.set_classname(finding.guardrail);
    case
}
