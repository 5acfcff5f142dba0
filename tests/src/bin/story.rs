//! The demonstration: real changes in a local AWS, the functions that answer them, and what the security channel hears.
//!
//! `make run` plays it from the beginning; `make run EVENT=file.json` takes an event of your own. It ends by itself, with a
//! status that is not zero when a hole stayed open.

use anstyle::{AnsiColor, Style};
use std::process::ExitCode;
use tests::demo::{Demo, Ending, Scene};
use tests::stage;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default().bold();
const BAD: Style = AnsiColor::Red.on_default().bold();

#[tokio::main]
async fn main() -> ExitCode {
    match run(std::env::args().nth(1).filter(|file| !file.is_empty())).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(problem) => {
            anstream::eprintln!("{BAD}error{BAD:#}: {problem}");
            ExitCode::from(2)
        }
    }
}

async fn run(file: Option<String>) -> tests::Result<bool> {
    // Before anything is started: a bad file is reported at once.
    let own = file.as_deref().map(stage::read).transpose()?;
    let policy = match &own {
        Some(own) => own.policy.as_deref().unwrap_or(Demo::OWN_POLICY),
        None => Demo::POLICY,
    };
    anstream::println!("{DIM}starting an AWS on loopback (moto) and the functions …{DIM:#}");
    let region = own.as_ref().and_then(|own| stage::region(own.events.first()?));
    let mut demo = Demo::start(region, policy).await?;
    anstream::println!(
        "All of it happens on this machine: an AWS at {}, the functions behind Lambda's\n\
         Runtime API, the events through the patterns of template.yaml. The policy:\n",
        demo.endpoint()
    );
    for line in policy.lines() {
        anstream::println!("    {DIM}{line}{DIM:#}");
    }
    let mut scenes = Vec::new();
    if let Some(own) = own {
        for event in &own.events {
            scenes.push(show(demo.play_own(event, &own.beside).await?));
        }
    } else {
        for act in Demo::ACTS {
            scenes.push(show(demo.play(*act).await?));
        }
    }
    Ok(summary(&scenes))
}

fn show(scene: Scene) -> Scene {
    anstream::println!("\n{BOLD}■ {}{BOLD:#}", scene.title);
    for (label, text) in &scene.lines {
        let mut lines = text.lines();
        anstream::println!("  {DIM}{label:<8}{DIM:#} {}", lines.next().unwrap_or_default());
        for line in lines {
            anstream::println!("           {line}");
        }
    }
    scene
}

fn summary(scenes: &[Scene]) -> bool {
    anstream::println!("\n{BOLD}Summary{BOLD:#}");
    for scene in scenes {
        let (style, word) = match &scene.ending {
            Ending::Good(word) => (GOOD, word.as_str()),
            Ending::Bad(word) => (BAD, word.as_str()),
            Ending::Reported(word) => (BOLD, word.as_str()),
            Ending::Unjudged(_) => (BOLD, "not judged"),
        };
        let closed = scene.contained.map(|(call, time)| format!("by round trip {call}, {:>3} ms", time.as_millis()));
        anstream::println!("  {:<62} {style}{word:<20}{style:#} {}", scene.title, closed.unwrap_or_default());
    }
    let bad = scenes.iter().filter(|scene| matches!(scene.ending, Ending::Bad(_))).count();
    let unjudged = scenes.iter().filter_map(|scene| match &scene.ending {
        Ending::Unjudged(why) => Some((&scene.title, why)),
        Ending::Good(_) | Ending::Bad(_) | Ending::Reported(_) => None,
    });
    let unjudged: Vec<_> = unjudged.collect();
    for (title, why) in &unjudged {
        anstream::println!("\n{BOLD}{title}{BOLD:#}: {why}.");
    }
    let is_promised = scenes.iter().all(|scene| matches!(scene.ending, Ending::Good(_)));
    if bad > 0 {
        anstream::println!("\n{BAD}{bad} of {} scenes did not end as they should.{BAD:#}", scenes.len());
    } else if is_promised {
        anstream::println!("\n{GOOD}Every scene ended as it should: no hole stayed open.{GOOD:#}");
    } else if unjudged.len() < scenes.len() {
        anstream::println!("\nNo function failed, and none left open what it should have closed.");
    }
    bad == 0
}
