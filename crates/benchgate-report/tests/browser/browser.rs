//! One Chromium for all tests, spoken to over its pipe: messages of the DevTools protocol as JSON, a zero byte after each.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

/// Programs to try; the first that tells its version is taken.
const PROGRAMS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// So long may one answer take. It ends a test that hangs, and is no measure of anything.
const PATIENCE: Duration = Duration::from_secs(120);

/// Whether all tests have one: the first to ask starts it. It ends with this process, whose end it sees by the pipe.
static BROWSER: LazyLock<Option<Mutex<Browser>>> = LazyLock::new(|| Browser::start().map(Mutex::new));

/// A running Chromium.
pub(crate) struct Browser {
    commands: ChildStdin,
    messages: Receiver<Value>,
    last: u64,
    /// Events that came while an answer was waited for.
    pub(crate) events: Vec<Value>,
}

/// The browser, to oneself. `None`, and a line that says so, where there is none.
pub(crate) fn browser(test: &str) -> Option<MutexGuard<'static, Browser>> {
    let Some(browser) = &*BROWSER else {
        skip(test, "no Chromium; `apt-get install chromium` brings it");
        return None;
    };
    Some(browser.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Tells that a test cannot run here. Past libtest's capture, so that a skipped test is seen as one.
pub(crate) fn skip(test: &str, why: &str) {
    writeln!(std::io::stdout(), "skipped: {test}: {why}").expect("standard output is open");
}

fn program() -> Option<&'static str> {
    let answers = |program: &&str| {
        let mut version = Command::new(program);
        version.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        version.status().is_ok_and(|status| status.success())
    };
    PROGRAMS.into_iter().find(answers)
}

/// Where a Chromium keeps its state: a directory of this process alone, since a Chromium of an earlier run may still be ending.
/// Those whose process is gone are swept, as far as their Chromium lets go of them.
fn profile(parent: &Path) -> PathBuf {
    let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name().into_string().unwrap_or_default();
        let is_alive = name.strip_prefix("chromium-").is_some_and(|id| Path::new("/proc").join(id).exists());
        if name.starts_with("chromium") && !is_alive {
            std::fs::remove_dir_all(entry.path()).ok();
        }
    }
    parent.join(format!("chromium-{}", std::process::id()))
}

#[test]
fn every_process_has_a_profile_of_its_own() {
    let parent = Path::new(env!("CARGO_TARGET_TMPDIR")).join("profile-test");
    let [ended, ours] = ["none".into(), std::process::id().to_string()].map(|id| parent.join(format!("chromium-{id}")));
    for directory in [&ended, &ours] {
        std::fs::create_dir_all(directory).unwrap();
    }
    assert_eq!(profile(&parent), ours);
    assert!(ours.exists() && !ended.exists());
    std::fs::remove_dir_all(&parent).unwrap();
}

impl Browser {
    fn start() -> Option<Self> {
        let profile = profile(Path::new(env!("CARGO_TARGET_TMPDIR")));
        // Chromium takes commands on descriptor 3 and answers on 4; the shell makes them of what `Command` can hand over.
        let mut shell = Command::new("sh");
        shell.args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1", program()?]);
        shell.arg(format!("--user-data-dir={}", profile.display()));
        // Its sandbox asks for more than a container or root has, and it opens nothing but our own files.
        shell.args(["--headless=new", "--no-sandbox", "--remote-debugging-pipe", "--disable-gpu", "--no-first-run"]);
        shell.args(["--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update"]);
        shell.args(["--force-color-profile=srgb", "--window-size=1280,800"]);
        let mut child = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (commands, answers) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            for message in BufReader::new(answers).split(0).map_while(Result::ok) {
                let message = serde_json::from_slice(&message).expect("Chromium speaks JSON");
                if sender.send(message).is_err() {
                    break; // no test is left
                }
            }
            child.wait()
        });
        Some(Self { commands, messages, last: 0, events: Vec::new() })
    }

    /// Sends a command, to a page where it has a session, and waits for its answer.
    #[track_caller]
    pub(crate) fn ask(&mut self, session: Option<&str>, method: &str, parameters: Value) -> Value {
        self.last += 1;
        let mut command = json!({"id": self.last, "method": method, "params": parameters});
        if let Some(session) = session {
            command["sessionId"] = session.into();
        }
        let mut bytes = serde_json::to_vec(&command).unwrap();
        bytes.push(0);
        self.commands.write_all(&bytes).unwrap_or_else(|error| panic!("Chromium has ended: {error}"));
        loop {
            let mut message = self.next(method);
            if message["id"] == self.last {
                assert!(message["error"].is_null(), "{method}: {}", message["error"]);
                return message["result"].take();
            }
            self.events.push(message);
        }
    }

    /// Waits for an event of a session.
    #[track_caller]
    pub(crate) fn await_event(&mut self, session: &str, method: &str) {
        let is_it = |event: &Value| event["sessionId"] == session && event["method"] == method;
        while !self.events.iter().any(is_it) {
            let event = self.next(method);
            self.events.push(event);
        }
    }

    #[track_caller]
    fn next(&mut self, awaited: &str) -> Value {
        self.messages.recv_timeout(PATIENCE).unwrap_or_else(|error| panic!("no answer to {awaited}: {error}"))
    }
}
