//! Histories for a chain: random calls with what the independent model expects of each, written as JSON lines that
//! `test/contracts/governance-histories.test.ts` performs on the real contracts.
//!
//! `DAO_HISTORY=FILE DAO_SEED=N DAO_HISTORY_STEPS=N cargo test -p keystrand-commons --test governance history`
//! writes one; with `DAO_TIME=0` no period is ever over, for a node whose clock cannot be moved.
//!
//! On a chain every call is a block of its own, five milliseconds or more after the last.

use super::suite::History;
use std::fmt::Write;

/// What was done so far.
pub struct Log {
    lines: String,
    /// Whether periods pass.
    pub timed: bool,
    calls: u64,
}

impl Log {
    pub fn new(voices: &[u128], timed: bool, start: u64) -> Log {
        let voices: Vec<String> = voices.iter().map(|voice| format!("\"{voice}\"")).collect();
        let lines = format!("{{\"voices\":[{}],\"timed\":{timed},\"start\":{start}}}\n", voices.join(","));
        Log { lines, timed, calls: 0 }
    }

    /// One call, its answer, and what the model holds after it.
    pub fn tell(&mut self, name: &str, details: &str, now: u64, accepted: bool, expected: &str) {
        self.calls += 1;
        writeln!(
            self.lines,
            "{{\"do\":\"{name}\",{details}\"now\":{now},\"ok\":{accepted},\"expected\":{expected}}}"
        )
        .expect("a string grows");
    }
}

#[test]
fn a_history_for_the_chain_is_told_call_by_call() {
    let number =
        |name, default: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    let steps = number("DAO_HISTORY_STEPS", 500);
    let (seed, timed) = (number("DAO_SEED", 20_261_123), number("DAO_TIME", 1) == 1);
    let mut history = History::told(seed, timed);
    while history.log.as_ref().is_some_and(|log| log.calls < steps) {
        history.step();
    }
    history.finish();
    let Log { lines, .. } = history.log.expect("it is told");
    let accepted = lines.matches("\"ok\":true").count() as u64;
    println!("seed {seed}: {} calls, {accepted} accepted", lines.lines().count() - 1);
    assert!(accepted * 5 > steps);
    if let Ok(file) = std::env::var("DAO_HISTORY") {
        std::fs::write(file, lines).expect("the file can be written");
    }
}
