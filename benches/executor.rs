//! Time of `executor`.

mod cases;

fn main() {
    cases::settings::time(cases::executor::cases);
}
