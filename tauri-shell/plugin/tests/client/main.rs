//! The client against a program that has faults.

mod calls;
mod lifetime;
#[cfg(unix)]
mod processes;
mod support;
