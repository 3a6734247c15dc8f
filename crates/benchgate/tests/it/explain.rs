//! What `explain` says of a kept run, and of ids that the run does not have.

use crate::subject::{Subject, bench, heap, usual};

#[test]
fn explain_has_the_numbers_that_a_reviewer_asks_for() {
    let Some(subject) = Subject::with_heap(&usual(), &heap("parse", 1, 64, 0, "ok")) else { return };
    subject.write(
        "benchgate.toml",
        "[[tolerance.override]]\nids = [\"area/block/pa*/*\"]\nmetric = \"time\"\nvalue = \"3%\"\n\n[[claim]]\n\
         name = \"one allocation\"\nkind = \"count\"\nmetric = \"allocations\"\nid = \"area/block/parse/small\"\nequals = 1\n",
    );
    subject.commit("Configure");
    subject.script(&(bench("parse", 1100.0, "ok") + &bench("print", 2000.0, "ok")));
    subject.heap(&heap("parse", 2, 64, 0, "ok"));
    subject.bench(&[]).ends(100, &["regressed"]);
    let ran = subject.run(&["explain", "area/block/parse/small"]);
    let head = subject.git(&["rev-parse", "HEAD"]);
    ran.ends(
        0,
        &[
            &head[..9],
            "your uncommitted changes, against `HEAD`",
            "\"Configure\" with uncommitted changes",
            "▲ regressed  area/block/parse/small time",
            "interval is wrong with a chance of 5 % at most",
            "3.0%, by the configuration's rule for `area/block/pa*/*`",
            "each a fresh process of either side with",
            "as coins of seed 7 fell",
            "that it is not slower by the tolerance",
            "▲ regressed  area/block/parse/small allocations",
            "exact on both sides",
            "1.0%, the default for counts",
            "✗ violated one allocation",
            "again: cargo benchgate bench 'area/block/parse/small' --base",
        ],
    );
    assert!(!ran.out.contains("area/block/print"), "{}", ran.said());
    // A part of the id that no other benchmark has will do, and so does the file of the run.
    let run = subject.runs().pop().expect("a run is kept");
    let file = run.display().to_string();
    assert_eq!(subject.run(&["explain", "parse", "--run", &file]).out, ran.out);
}

#[test]
fn explain_tells_of_ids_that_the_run_does_not_have() {
    let Some(subject) = Subject::new(&usual()) else { return };
    subject.run(&["explain", "parse"]).stops(105, &["holds no run"], "measure first");
    subject.write("benches/input.json", "1");
    subject.bench(&["--quick"]).ends(0, &["2 unchanged"]);
    subject.run(&["explain", "area/block/pars/smal"]).stops(
        4,
        &["the run has no benchmark `area/block/pars/smal`"],
        "the nearest is `area/block/parse/small`",
    );
    subject.run(&["explain", "prin_"]).stops(4, &["no benchmark `prin_`"], "the nearest is `area/block/print/small`");
    subject.run(&["explain", "block/p"]).stops(
        4,
        &["2 benchmarks of the run have `block/p`"],
        "area/block/parse/small",
    );
    subject.run(&["explain", "p", "--run", "none.json"]).stops(105, &["cannot be read"], "");
    subject.run(&["explain"]).ends(2, &[]);
}
