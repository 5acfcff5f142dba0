//! The page of a replay in a real browser. `make test` sees to one; without it these tests fail, unless
//! `PARAPET_WITHOUT_BROWSER` says that they are left out on purpose.

use crate::support::{authorized, folder, run};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const HOSTILE: &[&str] = &[
    "</script><script>document.title='run'</script>",
    "<img src=x onerror=\"document.title='run'\">",
    "'\"><svg onload=\"document.title='run'\">",
    "{{ 7 * 7 }}",
    "@@DATA@@",
    "a\u{202e}b\u{1b}[31m",
];

/// The page after its script has run; none where the browser is left out on purpose.
fn rendered(page: &Path, fragment: &str) -> Option<String> {
    let url = format!("file://{}#{fragment}", page.display());
    browse(&[], &url)
}

/// What the browser makes of an address; none where it is left out on purpose.
fn browse(more: &[&str], url: &str) -> Option<String> {
    let browser = ["chromium", "chromium-browser", "google-chrome", "chrome"]
        .into_iter()
        .find(|name| Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success()));
    let Some(browser) = browser else {
        let on_purpose = std::env::var_os("PARAPET_WITHOUT_BROWSER").is_some();
        assert!(
            on_purpose,
            "no Chromium is installed: install one (`apt-get install chromium`), or set PARAPET_WITHOUT_BROWSER=1"
        );
        return None;
    };
    let flags = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000", "--dump-dom"];
    let output = Command::new(browser).args(flags).args(more).arg(url).output().unwrap();
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn page(name: &str, records: usize) -> std::path::PathBuf {
    let at = folder(name);
    let records: Vec<Value> =
        (0..records).map(|n| authorized(n, "0.0.0.0/0", 22, HOSTILE.get(n % HOSTILE.len()).unwrap())).collect();
    fs::write(at.join("log.json"), json!({"Records": records}).to_string()).unwrap();
    let (log, out) = (at.join("log.json"), at.join("report.html"));
    let (status, _) = run(&["replay", "--format", "html", "--out", out.to_str().unwrap(), log.to_str().unwrap()]);
    assert_eq!(status, 1);
    out
}

/// What stands behind the page's own script: the part that a person sees, without the data.
fn body(dom: &str) -> &str {
    dom.split_once("<body>").unwrap().1
}

#[test]
fn names_that_hold_markup_are_shown_as_text() {
    let page = page("report-hostile", 12);
    let Some(dom) = rendered(&page, "verdict=") else { return };
    assert!(dom.contains("<title>Parapet replay</title>"), "no script but the page's own has run");
    let body = body(&dom).split("<script>").next().unwrap();
    for tag in ["<img", "<svg onload", "document.title='run'</script>", "\u{202e}", "\u{1b}"] {
        assert!(!body.contains(tag), "{tag}");
    }
    assert!(body.contains("&lt;img src=x onerror="), "shown as text");
    assert!(body.contains("{{ 7 * 7 }}") && body.contains("@@DATA@@"));
}

#[test]
fn a_finding_opens_with_evidence_plan_and_record() {
    let page = page("report-open", 12);
    let text = fs::read_to_string(&page).unwrap();
    let data = text.split_once("id=\"data\">").unwrap().1.split_once("</script>").unwrap().0;
    let data: Value = serde_json::from_str(data).unwrap();
    let id = data["findings"][0]["id"].as_str().unwrap();
    let Some(dom) = rendered(&page, &format!("verdict=violation&finding={id}")) else { return };
    let body = body(&dom);
    for part in
        ["12 of 24 findings", "aria-expanded=\"true\"", "What would be done", "aws ec2 revoke-security-group-ingress"]
    {
        assert!(body.contains(part), "{part}");
    }
    assert!(body.contains("aws ec2 authorize-security-group-ingress"), "the undo");
    assert!(body.contains("\"securityGroupRuleSet\""), "the record");
    let none = rendered(&page, "search=no-such-thing").unwrap();
    assert!(none.contains("0 of 24 findings"));
}

#[test]
fn ten_thousand_findings_stay_usable() {
    const EVENTS: usize = 5_000;
    const LONGEST: Duration = Duration::from_secs(60);
    let page = page("report-large", EVENTS);
    let begin = Instant::now();
    let Some(dom) = rendered(&page, "verdict=&search=sg-00000000000000042") else { return };
    assert!(begin.elapsed() < LONGEST, "{:?}", begin.elapsed());
    assert!(body(&dom).contains("2 of 10,000 findings"));
    let all = rendered(&page, "verdict=").unwrap();
    assert!(body(&all).contains("page 1 of 100"));
    assert_eq!(body(&all).matches("<tr class=\"finding\">").count(), 100, "a page at a time");
}

/// How far the page reaches in a window of this width, with its first finding open: beside it, in a frame of that width.
fn reaches(page: &Path, finding: &str, width: usize) -> Option<usize> {
    let frame = page.with_file_name(format!("frame-{width}.html"));
    let name = page.file_name().unwrap().to_str().unwrap();
    let html = format!(
        "<!doctype html><iframe width={width} height=900 style='border:0' src='{name}#verdict=&finding={finding}' onload=\"setTimeout(() => {{ \
         document.title = 'reaches ' + this.contentDocument.documentElement.scrollWidth; }}, 500)\"></iframe>"
    );
    fs::write(&frame, html).unwrap();
    // A file may not look into another one unless it is let.
    let flags = ["--allow-file-access-from-files", "--disable-web-security"];
    let dom = browse(&flags, &format!("file://{}", frame.display()))?;
    let title = dom.split_once("<title>").unwrap().1.split_once("</title>").unwrap().0;
    Some(title.strip_prefix("reaches ").unwrap().parse().unwrap())
}

#[test]
fn nothing_runs_off_a_narrow_page() {
    let page = page("report-narrow", 40);
    let text = fs::read_to_string(&page).unwrap();
    let data = text.split_once("id=\"data\">").unwrap().1.split_once("</script>").unwrap().0;
    let data: Value = serde_json::from_str(data).unwrap();
    let id = data["findings"][0]["id"].as_str().unwrap();
    for width in [320, 400, 700, 760, 1200] {
        let Some(reaches) = reaches(&page, id, width) else { return };
        assert!(reaches <= width, "{reaches} pixels in a window of {width}");
    }
}

#[test]
fn the_legend_names_the_severities_of_the_chart() {
    let page = page("report-legend", 12);
    let text = fs::read_to_string(&page).unwrap();
    let legend = text.split_once("class=\"legend\">").unwrap().1.split_once("</p>").unwrap().0;
    assert!(legend.contains("high"), "{legend}");
    for severity in ["critical", "medium", "low", "informational"] {
        let has_bars = text.contains(&format!("<rect class=\"{severity}\" x="));
        assert_eq!(legend.contains(severity), has_bars, "{severity}: {legend}");
    }
    assert!(text.contains("undetermined"), "there is a finding that the chart does not show");
}
