//! A page in the browser, opened from a file as a reader would open it.

use std::path::PathBuf;
use std::sync::MutexGuard;

use benchgate_core::gate::Outcome;
use benchgate_core::model::Run;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::browser::{Browser, browser};

/// How a page is opened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opening {
    /// Width and height in pixels.
    pub(crate) size: (u32, u32),
    /// `light` or `dark`.
    pub(crate) theme: &'static str,
    /// Whether scripts run.
    pub(crate) runs_scripts: bool,
    /// What stands behind the `#`.
    pub(crate) fragment: &'static str,
}

impl Default for Opening {
    fn default() -> Self {
        Self { size: (1280, 800), theme: "light", runs_scripts: true, fragment: "" }
    }
}

/// An open page; closed when dropped.
pub(crate) struct Page {
    browser: MutexGuard<'static, Browser>,
    target: String,
    session: String,
    file: PathBuf,
    /// Takes the file with it.
    _directory: TempDir,
}

/// Put into the page before anything of its own: collects what the policy of its content forbade.
const WATCH: &str = "window.violations = []; \
    addEventListener('securitypolicyviolation', event => violations.push(`${event.violatedDirective} ${event.blockedURI}`));";

impl Page {
    /// Opens the report of an outcome. `None`, and a line that says so, without a browser.
    #[track_caller]
    pub(crate) fn open(test: &str, (run, outcome): &(Run, Outcome), opening: Opening) -> Option<Self> {
        Self::open_text(test, &benchgate_report::html(run, outcome).unwrap(), opening)
    }

    /// Opens a page that was made already.
    #[track_caller]
    pub(crate) fn open_text(test: &str, text: &str, opening: Opening) -> Option<Self> {
        let mut browser = browser(test)?;
        browser.events.clear();
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("report.html");
        std::fs::write(&file, text).unwrap();
        let made = browser.ask(None, "Target.createTarget", json!({"url": "about:blank"}));
        let target = made["targetId"].as_str().unwrap().to_owned();
        let attached = browser.ask(None, "Target.attachToTarget", json!({"targetId": target, "flatten": true}));
        let session = attached["sessionId"].as_str().unwrap().to_owned();
        let mut page = Self { browser, target, session, file, _directory: directory };
        for part in ["Page", "Runtime", "Log", "Network"] {
            page.ask(&format!("{part}.enable"), json!({}));
        }
        page.ask("Page.addScriptToEvaluateOnNewDocument", json!({"source": WATCH}));
        page.ask("Emulation.setScriptExecutionDisabled", json!({"value": !opening.runs_scripts}));
        let (width, height) = opening.size;
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        page.ask("Emulation.setDeviceMetricsOverride", size);
        page.ask("Emulation.setScrollbarsHidden", json!({"hidden": true}));
        let theme = json!([{"name": "prefers-color-scheme", "value": opening.theme}]);
        page.ask("Emulation.setEmulatedMedia", json!({"features": theme}));
        page.go(opening.fragment);
        Some(page)
    }

    /// Address of the page, without what stands behind the `#`.
    pub(crate) fn address(&self) -> String {
        format!("file://{}", self.file.display())
    }

    /// Loads the page afresh, by way of an empty one: with the same address up to the `#` it would not be loaded again.
    #[track_caller]
    pub(crate) fn go(&mut self, fragment: &str) {
        let hash = if fragment.is_empty() { "" } else { "#" };
        for address in ["about:blank".to_owned(), format!("{}{hash}{fragment}", self.address())] {
            self.browser.events.retain(|event| event["method"] != "Page.loadEventFired");
            let gone = self.ask("Page.navigate", json!({"url": address}));
            assert!(gone["errorText"].is_null(), "{address}: {gone}");
            let session = self.session.clone();
            self.browser.await_event(&session, "Page.loadEventFired");
        }
    }

    /// Sends a command to this page.
    #[track_caller]
    pub(crate) fn ask(&mut self, method: &str, parameters: Value) -> Value {
        let session = self.session.clone();
        self.browser.ask(Some(&session), method, parameters)
    }

    /// The value of an expression, a promise's included.
    #[track_caller]
    pub(crate) fn value(&mut self, expression: &str) -> Value {
        let parameters = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let mut answer = self.ask("Runtime.evaluate", parameters);
        assert!(answer["exceptionDetails"].is_null(), "{expression}: {}", answer["exceptionDetails"]);
        answer["result"]["value"].take()
    }

    /// Holds an expression against what it should be.
    #[track_caller]
    pub(crate) fn check(&mut self, expression: &str, expected: Value) {
        assert_eq!(self.value(expression), expected, "{expression}");
    }

    /// Waits until an expression is true.
    #[track_caller]
    pub(crate) fn wait(&mut self, condition: &str) {
        let look = format!(
            "new Promise(done => {{ const look = () => ({condition}) ? done(true) : setTimeout(look, 10); look(); }})"
        );
        self.check(&look, json!(true));
    }

    /// Clicks into the middle of the first element that a selector finds, with the mouse.
    #[track_caller]
    pub(crate) fn click(&mut self, selector: &str) {
        let quoted = json!(selector);
        let middle = format!(
            "(() => {{ const element = document.querySelector({quoted}); if (!element) return null; \
             element.scrollIntoView({{block: 'center'}}); const box = element.getBoundingClientRect(); \
             return [box.x + box.width / 2, box.y + box.height / 2]; }})()"
        );
        let at = self.value(&middle);
        assert!(at.is_array(), "nothing is found by {selector}");
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({"type": kind, "x": at[0], "y": at[1], "button": "left", "clickCount": 1});
            self.ask("Input.dispatchMouseEvent", event);
        }
    }

    /// Chooses from a list of choices.
    #[track_caller]
    pub(crate) fn choose(&mut self, label: &str, value: &str) {
        let (selector, value) = (json!(format!("select[aria-label=\"{label}\"]")), json!(value));
        self.value(&format!(
            "(() => {{ const list = document.querySelector({selector}); list.value = {value}; list.dispatchEvent(new Event('change')); }})()"
        ));
    }

    /// Presses a key that prints a character.
    #[track_caller]
    pub(crate) fn press(&mut self, key: &str) {
        self.ask("Input.dispatchKeyEvent", json!({"type": "keyDown", "key": key, "text": key}));
        self.ask("Input.dispatchKeyEvent", json!({"type": "keyUp", "key": key}));
    }

    /// Types into what has the focus.
    #[track_caller]
    pub(crate) fn write(&mut self, text: &str) {
        self.ask("Input.insertText", json!({"text": text}));
    }

    /// What stands behind the `#`.
    #[track_caller]
    pub(crate) fn fragment(&mut self) -> String {
        self.value("location.hash.slice(1)").as_str().unwrap().to_owned()
    }

    /// Ids and metrics of the rows that are to be seen, in order.
    #[track_caller]
    pub(crate) fn rows(&mut self) -> Vec<String> {
        let rows = self.value(
            "[...document.querySelectorAll('table.series tbody tr')].filter(row => row.getClientRects().length) \
             .map(row => row.querySelector('th a').textContent + ' ' + row.dataset.metric)",
        );
        serde_json::from_value(rows).unwrap()
    }

    /// Events of one kind so far.
    pub(crate) fn events(&self, method: &str) -> Vec<&Value> {
        self.browser
            .events
            .iter()
            .filter(|event| event["sessionId"] == *self.session && event["method"] == method)
            .map(|event| &event["params"])
            .collect()
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // After a panic the browser may be gone; then there is nothing to close.
        if !std::thread::panicking() {
            self.browser.ask(None, "Target.closeTarget", json!({"targetId": self.target}));
        }
    }
}
