//! From what a compiler makes to a component.

use wit_component::ComponentEncoder;

/// What begins every WebAssembly file: magic, version, and in the last two bytes the layer.
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

/// The file is neither a component nor a core module that says which world it is for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no component can be made of it: {0}")]
pub struct NoComponent(String);

/// A component, out of a core module that carries its world (as `plugin!` of the SDK embeds it), or
/// the same bytes where they are one already. Whether it is of the contract is not looked at here.
///
/// # Errors
/// The module carries no world, or does not fit it.
pub fn componentize(module: &[u8]) -> Result<Vec<u8>, NoComponent> {
    if module.starts_with(COMPONENT) {
        return Ok(module.to_vec());
    }
    let encoded = ComponentEncoder::default().validate(true).module(module);
    let encoded = encoded.and_then(|mut encoder| encoder.encode());
    encoded.map_err(|error| NoComponent(format!("{error:#}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_component_stays_as_it_is_and_rubbish_is_refused() {
        assert_eq!(componentize(COMPONENT).as_deref(), Ok(COMPONENT));
        for bad in [&b""[..], b"\0asm", b"#!/bin/sh\n", &[0xff; 64]] {
            assert!(componentize(bad).is_err());
        }
    }
}
