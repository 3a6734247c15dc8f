//! Time of `metrics`.

mod cases;

fn main() {
    cases::settings::time(cases::metrics::cases);
}
