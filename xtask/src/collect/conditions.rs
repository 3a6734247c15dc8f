//! What the machine did while something ran: steal, use and clock rate, as the kernel states them. Shown beside the pairs;
//! no verdict looks at it.

use std::fs;

use crate::model::Conditions;

/// Taken before; [`Watch::end`] tells what happened since.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watch {
    before: Option<Ticks>,
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
        Self { before: ticks() }
    }

    /// Starts when the system did.
    pub fn of_all() -> Self {
        Self { before: ticks().map(|_| Ticks { busy: 0, steal: 0, all: 0 }) }
    }

    /// Whether the system tells anything.
    pub fn is_told(&self) -> bool {
        self.before.is_some()
    }

    /// What happened since the start; zeros where the system does not tell, or where less than a tick went by.
    pub fn end(self) -> Conditions {
        let since = self.before.zip(ticks());
        let share = |part: fn(&Ticks) -> u64| {
            let (before, after) = since?;
            let all = after.all.checked_sub(before.all).filter(|&all| all > 0)?;
            Some(part(&after).saturating_sub(part(&before)) as f64 / all as f64)
        };
        Conditions {
            steal: share(|ticks| ticks.steal).unwrap_or(0.0),
            busy: share(|ticks| ticks.busy).unwrap_or(0.0),
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
        assert_eq!(megahertz("cpu MHz\t\t: 2600.5\nflags: a\ncpu MHz\t\t: 2700.000\n"), Some(2700.0));
        assert_eq!(megahertz("cpu MHz: much\n"), None);
    }
}
