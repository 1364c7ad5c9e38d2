//! Damaged images and index files by the thousand, opened and used in child processes, so that a crash or a hang is counted
//! instead of ending the count. `ROUTEWRIGHT_MUTATIONS=100000 cargo test --release -p routewright-core --test mutation` is the
//! long run; without the variable it is 2,000. It fails on any crash, any hang (10 s) and any wrong accept: a file that was
//! altered behind the checksum's back and still opens, or one that opens and breaks a promise of its reader.

mod common;
#[path = "common/mutations.rs"]
mod mutations;
#[path = "common/reseal.rs"]
mod reseal;
#[path = "common/searches.rs"]
mod searches;
#[path = "common/subjects.rs"]
mod subjects;
#[path = "common/tables.rs"]
mod tables;
#[path = "common/touch.rs"]
mod touch;

use routewright_core::error::{Code, Error, Result};
use routewright_core::image::ServingImage;
use routewright_core::usearch_file::UsearchFile;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use subjects::{Kind, Subject, subjects};

const COUNT: usize = 2_000;
const CHILDREN: usize = 2;
const HANG: Duration = Duration::from_secs(10);
/// What became of a mutant; the names that children print.
const OUTCOMES: [&str; 7] = ["refused", "accepted", "unchanged", "wrong", "error", "crash", "hang"];

/// Outcomes by kind of file.
type Counts = [[usize; OUTCOMES.len()]; 3];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, role, from, to, step] = &arguments[..]
        && role == "child"
    {
        child([from, to, step].map(|number| number.parse().expect("a number")));
        return ExitCode::SUCCESS;
    }
    let wanted = std::env::var("ROUTEWRIGHT_MUTATIONS").map_or(COUNT, |count| count.parse().expect("a number"));
    let start = Instant::now();
    let counts = std::thread::scope(|scope| {
        let watchers: Vec<_> = (0..CHILDREN).map(|first| scope.spawn(move || watch(first, wanted))).collect();
        watchers.into_iter().map(|watcher| watcher.join().expect("a watcher")).fold(Counts::default(), add)
    });
    println!("{:<24}{}", "mutants", OUTCOMES.map(|outcome| format!("{outcome:>11}")).concat());
    for (kind, counts) in Kind::ALL.into_iter().zip(&counts) {
        println!("{:<24}{}", kind.name(), counts.map(|count| format!("{count:>11}")).concat());
    }
    let done: usize = counts.iter().flatten().sum();
    let bad: usize = counts.iter().flat_map(|counts| &counts[3..]).sum();
    println!("{done} mutants in {:.0} s", start.elapsed().as_secs_f64());
    // Damage that is never refused, or never harmless where there is no checksum, would mean that nothing was tried.
    let tried = done == wanted && counts.iter().all(|counts| counts[0] > 0) && counts[1][1] > 0 && counts[2][1] > 0;
    let passed = bad == 0 && tried;
    let (word, failed) = if passed { ("ok", 0) } else { ("FAILED", 1) };
    println!("test result: {word}. {} passed; {failed} failed; 0 ignored; 0 measured; 0 filtered out", 1 - failed);
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn add(mut sum: Counts, more: Counts) -> Counts {
    for (sum, more) in sum.iter_mut().flatten().zip(more.iter().flatten()) {
        *sum += more;
    }
    sum
}

/// Tries the mutants from `from` on in steps, each said before and after.
fn child([from, to, step]: [usize; 3]) {
    let (subjects, _folders) = subjects();
    let mut out = std::io::stdout();
    for mutant in (from..to).step_by(step) {
        let (kind, subject) = chosen(&subjects, mutant);
        writeln!(out, "{mutant} {}", kind as usize).expect("the parent listens");
        let outcome = attempt(kind, subject, mutant);
        writeln!(out, "{}", OUTCOMES.iter().position(|name| *name == outcome).expect("a name"))
            .expect("the parent listens");
    }
}

fn chosen(subjects: &[Subject], mutant: usize) -> (Kind, &Subject) {
    let subject = &subjects[mutant / 2 % subjects.len()];
    // Every second mutant of an image gets right checksums.
    let resealed = subject.kind == Kind::Image && mutant % 4 >= 2;
    (if resealed { Kind::Resealed } else { subject.kind }, subject)
}

fn attempt(kind: Kind, subject: &Subject, mutant: usize) -> &'static str {
    let mut next = tables::integers(mutant as u64 + 1);
    let mut bytes = mutations::mutate(&subject.bytes, &mut next);
    if kind == Kind::Resealed {
        reseal::reseal(&mut bytes);
    }
    if bytes == subject.bytes {
        return "unchanged";
    }
    match used(kind, subject, bytes) {
        Err(Error { code: Code::ArtifactCorrupt | Code::ArtifactMismatch, .. }) => "refused",
        Err(error) => {
            eprintln!("mutant {mutant}: {error}");
            "error"
        }
        Ok(Err(broken)) => {
            eprintln!("mutant {mutant}: broken promise: {broken}");
            "wrong"
        }
        Ok(Ok(())) => "accepted",
    }
}

/// Opens a file, reads all that it gives out and, where there are vectors, searches it.
fn used(kind: Kind, subject: &Subject, bytes: Vec<u8>) -> Result<std::result::Result<(), &'static str>> {
    let image = if kind == Kind::File {
        let file = UsearchFile::parse(&bytes)?;
        let promised = touch::touch_file(&file);
        let Some(vectors) = &subject.vectors else { return Ok(promised) };
        if promised.is_err() {
            return Ok(promised);
        }
        searches::compiled(&file, vectors, common::DIMENSIONS)?
    } else {
        ServingImage::from_bytes(bytes)?
    };
    if kind == Kind::Image {
        return Ok(Err("an altered image under its old checksums is refused"));
    }
    let promised = touch::touch_image(&image);
    if promised.is_err() {
        return Ok(promised);
    }
    let walked = searches::walk_image(&image)?;
    match &subject.vectors {
        Some(vectors) if walked.is_ok() => searches::search_image(image, vectors),
        _ => Ok(walked),
    }
}

/// Runs children over every `CHILDREN`th mutant until all are tried, a new child behind each that died or hung.
fn watch(first: usize, wanted: usize) -> Counts {
    let mut counts = Counts::default();
    let mut from = first;
    while from < wanted {
        let (mut child, lines) = start(from, wanted);
        let mut current: Option<(usize, usize)> = None;
        let failure = loop {
            match lines.recv_timeout(HANG) {
                Ok(line) => match (current, line.split_once(' ')) {
                    (_, Some((mutant, kind))) => current = Some((number(mutant), number(kind))),
                    (Some((mutant, kind)), None) => {
                        counts[kind][number(&line)] += 1;
                        report(OUTCOMES[number(&line)], mutant);
                        (from, current) = (mutant + CHILDREN, None);
                    }
                    (None, None) => panic!("an outcome without a mutant"),
                },
                Err(error) => break if error == std::sync::mpsc::RecvTimeoutError::Timeout { 6 } else { 5 },
            }
        };
        let _ = child.kill(); // it hangs or is gone
        let status = child.wait().expect("the child ended");
        if let Some((mutant, kind)) = current {
            counts[kind][failure] += 1;
            report(OUTCOMES[failure], mutant);
            from = mutant + CHILDREN;
        } else {
            assert!(status.success() && from >= wanted, "a child ended between two mutants: {status}");
        }
    }
    counts
}

fn number(text: &str) -> usize {
    text.parse().expect("a number")
}

/// Bad ends are named, so that they can be repeated: `mutation child <mutant> <mutant + 1> 1`.
fn report(outcome: &str, mutant: usize) {
    if !matches!(outcome, "refused" | "accepted" | "unchanged") {
        println!("mutant {mutant}: {outcome}");
    }
}

/// A child, and the lines that it prints.
fn start(from: usize, to: usize) -> (Child, Receiver<String>) {
    let own = std::env::current_exe().expect("the own file");
    let numbers = [from, to, CHILDREN].map(|number| number.to_string());
    let mut child = Command::new(own).arg("child").args(numbers).stdout(Stdio::piped()).spawn().expect("a child");
    let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let (sender, receiver) = channel();
    std::thread::spawn(move || lines.map_while(std::result::Result::ok).try_for_each(|line| sender.send(line)));
    (child, receiver)
}
