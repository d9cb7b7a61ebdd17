//! The client against a program that does not always behave.

mod calls;
mod lifetime;
#[cfg(unix)]
mod processes;
mod support;
