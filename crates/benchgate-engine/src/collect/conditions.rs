//! What the machine did while something ran: steal, use and clock rate, as the kernel states them.

use std::fs;

use benchgate_core::model::Conditions;

/// Taken before; [`Watch::end`] tells what happened since.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watch {
    before: Option<Ticks>,
    own_before: Option<u64>,
}

/// Processor time since the start of the system, over all processors, in ticks of the kernel (10 ms).
#[derive(Clone, Copy, Debug, PartialEq)]
struct Ticks {
    busy: u64,
    steal: u64,
    all: u64,
}

impl Watch {
    /// Starts.
    pub fn start() -> Self {
        Self { before: ticks(), own_before: own_ticks() }
    }

    /// Starts when the system did.
    pub fn of_all() -> Self {
        Self { before: ticks().map(|_| Ticks { busy: 0, steal: 0, all: 0 }), own_before: None }
    }

    /// Whether the system tells anything.
    pub fn is_told(&self) -> bool {
        self.before.is_some()
    }

    /// What happened since the start, when all processes that were started since have ended and were waited for; zeros where
    /// the system does not tell, or where less than a tick went by.
    pub fn end(self) -> Conditions {
        let since = self.before.zip(ticks());
        let all = since.and_then(|(before, after)| after.all.checked_sub(before.all)).filter(|&all| all > 0);
        let share = |part: fn(&Ticks) -> u64| {
            let (before, after) = since?;
            Some(part(&after).saturating_sub(part(&before)) as f64 / all? as f64)
        };
        let busy = share(|ticks| ticks.busy);
        let own = self.own_before.zip(own_ticks()).zip(all);
        let own = own.map(|((before, after), all)| after.saturating_sub(before) as f64 / all as f64);
        Conditions {
            steal: share(|ticks| ticks.steal).unwrap_or(0.0),
            busy: busy.unwrap_or(0.0),
            others: busy.zip(own).map_or(0.0, |(busy, own)| busy - own),
            megahertz: fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| megahertz(&text)).unwrap_or(0.0),
        }
    }
}

fn ticks() -> Option<Ticks> {
    parse(&fs::read_to_string("/proc/stat").ok()?)
}

/// The first line of `/proc/stat`: `cpu  user nice system idle iowait irq softirq steal guest guest_nice`. Guest time is
/// within user time already.
fn parse(stat: &str) -> Option<Ticks> {
    let line = stat.lines().find(|line| line.starts_with("cpu "))?;
    let fields: Vec<u64> = line.split_whitespace().skip(1).map_while(|field| field.parse().ok()).collect();
    let [user, nice, system, idle, iowait, irq, softirq, steal, ..] = *fields else { return None };
    let busy = user + nice + system + irq + softirq;
    Some(Ticks { busy, steal, all: busy + idle + iowait + steal })
}

/// What this process and those of its children that it has waited for have used.
fn own_ticks() -> Option<u64> {
    parse_own(&fs::read_to_string("/proc/self/stat").ok()?)
}

/// `pid (name) state …`: the name may hold blanks and parentheses. Fields 14 to 17 are utime, stime, cutime and cstime.
fn parse_own(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let used: Option<Vec<u64>> = fields.split_whitespace().skip(11).take(4).map(|field| field.parse().ok()).collect();
    used.filter(|used| used.len() == 4).map(|used| used.iter().sum())
}

/// The last processor's, which single-threaded benches run on.
fn megahertz(cpuinfo: &str) -> Option<f64> {
    let row = cpuinfo.lines().rfind(|line| line.starts_with("cpu MHz"))?;
    row.split_once(':')?.1.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_tables_are_read() {
        let stat = "cpu  100 5 20 1000 10 1 4 7 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n";
        assert_eq!(parse(stat), Some(Ticks { busy: 130, steal: 7, all: 1147 }));
        assert_eq!(parse("cpu  1 2 3\n"), None);
        assert_eq!(parse(""), None);
        assert_eq!(parse_own("7 (a) b) (c) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15\n"), Some(11 + 12 + 13 + 14));
        assert_eq!(parse_own("7 (a) S 1 2 3 4 5 6 7 8 9 10 11 12"), None);
        assert_eq!(parse_own(""), None);
        assert_eq!(megahertz("cpu MHz\t\t: 2600.5\nflags: a\ncpu MHz\t\t: 2700.000\n"), Some(2700.0));
        assert_eq!(megahertz("cpu MHz: much\n"), None);
    }
}
