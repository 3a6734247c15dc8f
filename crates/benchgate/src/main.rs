//! The program `cargo-benchgate`; everything is in the library.

fn main() -> std::process::ExitCode {
    benchgate::cli::main()
}
