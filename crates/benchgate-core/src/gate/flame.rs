//! Stacks as flame graphs: which frame lies where, and how wide. Colours and text are the renderer's business.

use std::collections::BTreeMap;

use super::Row;
use super::cause::{is_of, shown, weights};
use crate::model::{Profile, Stacks, Taken};

/// The flame graphs of one series.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Flames {
    /// Of the base.
    pub base: Vec<Flame>,
    /// Of the candidate.
    pub candidate: Vec<Flame>,
    /// Of the candidate, each frame with what became of it; a frame that only the base has is left out.
    pub difference: Vec<Flame>,
    /// All counts, of base and candidate.
    pub totals: [u64; 2],
    /// What was counted.
    pub unit: crate::model::Unit,
}

/// One frame. Those of a graph come outermost first, each before its callees.
#[derive(Clone, Debug, PartialEq)]
pub struct Flame {
    /// Function.
    pub name: String,
    /// Frames outside it.
    pub depth: usize,
    /// Its left edge, as a share of the whole.
    pub left: f64,
    /// Its width, likewise.
    pub share: f64,
    /// The part that is in no callee.
    pub own: f64,
    /// Whether it is code of the workspace.
    pub is_of_workspace: bool,
    /// Its cost in the candidate less that in the base, as a share of the base's whole.
    pub change: f64,
    /// Whether that is more than luck.
    pub is_shown: bool,
}

/// Narrower frames are left out, as a share: they would be less than a pixel wide.
const NARROWEST: f64 = 0.002;

/// Deeper frames are left out.
const DEEPEST: usize = 48;

/// The name of the outermost frame, which is no function.
const ALL: &str = "all";

/// The flame graphs of a row; `None` where its profile has no stacks.
pub fn flames(profile: &Profile, row: &Row) -> Option<Flames> {
    let Taken::Stacks(stacks) = &profile.taken else { return None };
    let totals = stacks.totals();
    let weights = weights(stacks.unit, totals, [row.base, row.candidate]);
    let tree = Node::of(stacks);
    let mut hits = Vec::new();
    tree.walk(&mut |node| hits.push(node.counts));
    let is_shown = shown(stacks.unit, totals, weights, hits.into_iter());
    let graph = |side: Side| {
        let mut drawing =
            Drawing { side, totals, weights, own: &profile.own, is_shown: &is_shown, next: 0, drawn: Vec::new() };
        drawing.draw(ALL, &tree, 0, 0.0);
        drawing.drawn
    };
    Some(Flames {
        base: graph(Side::One(0)),
        candidate: graph(Side::One(1)),
        difference: graph(Side::Both),
        totals,
        unit: stacks.unit,
    })
}

/// Whose counts make the widths.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    One(usize),
    Both,
}

#[derive(Default)]
struct Node<'a> {
    counts: [u64; 2],
    own: [u64; 2],
    callees: BTreeMap<&'a str, Node<'a>>,
}

impl<'a> Node<'a> {
    fn of(stacks: &'a Stacks) -> Self {
        let mut root = Self::default();
        for stack in &stacks.stacks {
            let mut node = &mut root;
            node.add(stack.counts);
            for frame in stack.frames.iter().take(DEEPEST) {
                node = node.callees.entry(frame).or_default();
                node.add(stack.counts);
            }
            node.own.iter_mut().zip(stack.counts).for_each(|(sum, count)| *sum += count);
        }
        root
    }

    fn add(&mut self, counts: [u64; 2]) {
        self.counts.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    }

    /// Itself, then its callees in the order of their names.
    fn walk(&self, see: &mut impl FnMut(&Self)) {
        see(self);
        self.callees.values().for_each(|callee| callee.walk(see));
    }

    fn size(&self) -> usize {
        1 + self.callees.values().map(Self::size).sum::<usize>()
    }
}

struct Drawing<'a> {
    side: Side,
    totals: [u64; 2],
    weights: [f64; 2],
    own: &'a [String],
    /// By the number of the node in the order of a walk.
    is_shown: &'a [bool],
    next: usize,
    drawn: Vec<Flame>,
}

impl Drawing<'_> {
    fn share(&self, counts: [u64; 2], side: usize) -> f64 {
        if self.totals[side] == 0 { 0.0 } else { counts[side] as f64 / self.totals[side] as f64 }
    }

    /// In the difference the candidate's widths, so that it looks like the candidate's graph.
    fn width(&self, counts: [u64; 2]) -> f64 {
        match self.side {
            Side::One(side) => self.share(counts, side),
            Side::Both => self.share(counts, 1),
        }
    }

    fn draw(&mut self, name: &str, node: &Node<'_>, depth: usize, left: f64) {
        let number = self.next;
        self.next += 1;
        let width = self.width(node.counts);
        if width < NARROWEST {
            self.next += node.size() - 1;
            return;
        }
        let change = match self.weights {
            [base, candidate] if base > 0.0 => {
                (candidate * self.share(node.counts, 1) - base * self.share(node.counts, 0)) / base
            }
            _ => 0.0,
        };
        self.drawn.push(Flame {
            name: name.to_owned(),
            depth,
            left,
            share: width,
            own: self.width(node.own),
            is_of_workspace: depth > 0 && is_of(self.own, name),
            change,
            is_shown: self.is_shown.get(number).copied().unwrap_or(false),
        });
        let mut left = left;
        for (name, callee) in &node.callees {
            self.draw(name, callee, depth + 1, left);
            left += self.width(callee.counts);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::gate::{Action, Status};
    use crate::model::PairKind;
    use crate::model::{BenchKey, Metric, SeriesKey, Stack, Unit};

    fn row(values: [f64; 2]) -> Row {
        let bench =
            BenchKey { package: "p".into(), target: "t".into(), group: "g".into(), function: None, value: None };
        Row {
            key: SeriesKey { bench, metric: Metric::Time },
            id: "g".into(),
            status: Status::Regressed,
            action: Action::Fail,
            base: Some(values[0]),
            candidate: Some(values[1]),
            effect: None,
            tolerance: 0.02,
            smallest_visible: None,
            pairs: 0,
            seconds: 0.0,
            throughput: None,
            detail: String::new(),
            cause: None,
            relinked: None,
            unconfirmed: None,
            beside: None,
            kind: PairKind::default(),
            open: None,
            reproduce: None,
        }
    }

    fn drawn(list: &[(&str, [u64; 2])], values: [f64; 2]) -> Flames {
        let stack = |(frames, counts): &(&str, [u64; 2])| Stack {
            frames: frames.split(';').map(String::from).collect(),
            counts: *counts,
        };
        let stacks = Stacks { how: String::new(), unit: Unit::Samples, stacks: list.iter().map(stack).collect() };
        let row = row(values);
        flames(&Profile { key: row.key.clone(), own: vec!["a".into()], taken: Taken::Stacks(stacks) }, &row).unwrap()
    }

    #[test]
    fn frames_lie_within_their_callers() {
        let flames = drawn(&[("a::f;a::g", [30, 60]), ("a::f;core::h", [20, 30]), ("a::f", [50, 10])], [1.0, 2.0]);
        let shown: Vec<_> =
            flames.candidate.iter().map(|one| (&*one.name, one.depth, one.left, one.share, one.own)).collect();
        assert_eq!(
            shown,
            [
                ("all", 0, 0.0, 1.0, 0.0),
                ("a::f", 1, 0.0, 1.0, 0.1),
                ("a::g", 2, 0.0, 0.6, 0.0 + 0.6),
                ("core::h", 2, 0.6, 0.3, 0.3)
            ]
        );
        assert_eq!(flames.base[1].own, 0.5);
        let g = &flames.difference[2];
        assert!((g.change - (2.0 * 0.6 - 0.3)).abs() < 1e-12 && g.is_of_workspace && g.is_shown, "{g:?}");
        assert!(!flames.difference[3].is_of_workspace);
    }

    #[test]
    fn what_luck_can_do_is_not_coloured() {
        let flames = drawn(&[("a::f", [50, 54]), ("a::g", [50, 46])], [1.0, 1.0]);
        assert!(flames.difference.iter().all(|one| !one.is_shown), "{:?}", flames.difference);
    }

    proptest! {
        #[test]
        fn any_stacks_are_drawn_within_the_graph(
            list in proptest::collection::vec(("[ab;]{1,9}", 0..100_u64, 0..100_u64), 0..20), w in 0.1..9.0f64,
        ) {
            let list: Vec<(&str, [u64; 2])> = list.iter().map(|(name, a, b)| (&**name, [*a, *b])).collect();
            let flames = drawn(&list, [1.0, w]);
            for one in [&flames.base, &flames.candidate, &flames.difference].into_iter().flatten() {
                prop_assert!(one.left >= 0.0 && one.left + one.share <= 1.0 + 1e-9 && one.own <= one.share + 1e-9, "{one:?}");
            }
        }
    }
}
