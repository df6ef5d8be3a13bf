//! Panics are silent on this target: a hook tells the host the message and the place, and both stand
//! in the error that the operator reads.

use std::sync::Once;

/// What every export begins with.
#[doc(hidden)]
pub fn begin() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| std::panic::set_hook(Box::new(tell)));
}

fn tell(info: &std::panic::PanicHookInfo<'_>) {
    let payload = info.payload();
    let message = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    crate::host::log::log::panic(&message, &place);
}
