//! A trait for each kind of step, and the macro that exports it.

use crate::{
    Artifact, Decision, Delivery, Event, Failure, Input, Prepared, Report, Sealed, StepError,
};

/// Makes a new document out of the dossier's, before anything is signed.
pub trait Prepare {
    /// Does the step.
    ///
    /// # Errors
    /// Why it did not succeed, and so who can mend it.
    fn run(input: Input) -> Result<Prepared, StepError>;

    /// Run once at install and at each reload, with no grants and no documents.
    ///
    /// # Errors
    /// This build cannot work at all.
    fn self_test() -> Result<(), Failure> {
        Ok(())
    }
}

/// Chooses one of the outcomes that the workflow declares.
pub trait Route {
    /// Does the step.
    ///
    /// # Errors
    /// Why it did not succeed, and so who can mend it.
    fn run(input: Input) -> Result<Decision, StepError>;

    /// Run once at install and at each reload, with no grants and no documents.
    ///
    /// # Errors
    /// This build cannot work at all.
    fn self_test() -> Result<(), Failure> {
        Ok(())
    }
}

/// Accepts or rejects the document, with findings.
pub trait Validate {
    /// Does the step.
    ///
    /// # Errors
    /// Why it did not succeed, and so who can mend it.
    fn run(input: Input) -> Result<Report, StepError>;

    /// Run once at install and at each reload, with no grants and no documents.
    ///
    /// # Errors
    /// This build cannot work at all.
    fn self_test() -> Result<(), Failure> {
        Ok(())
    }
}

/// Tells somebody or something outside.
pub trait Notify {
    /// Does the step.
    ///
    /// # Errors
    /// Why it did not succeed, and so who can mend it.
    fn run(input: Input, event: Event) -> Result<Delivery, StepError>;

    /// Run once at install and at each reload, with no grants and no documents.
    ///
    /// # Errors
    /// This build cannot work at all.
    fn self_test() -> Result<(), Failure> {
        Ok(())
    }
}

/// Does something with the sealed document: files it, hands it on.
pub trait AfterSeal {
    /// Does the step.
    ///
    /// # Errors
    /// Why it did not succeed, and so who can mend it.
    fn run(input: Input, sealed: Sealed) -> Result<Vec<Artifact>, StepError>;

    /// Run once at install and at each reload, with no grants and no documents.
    ///
    /// # Errors
    /// This build cannot work at all.
    fn self_test() -> Result<(), Failure> {
        Ok(())
    }
}

/// Makes a type the plugin of its crate: `plugin!(Type, kind)`, where the kind is `prepare`, `route`,
/// `validate`, `notify` or `after_seal`, and the type implements the trait of that kind. Once a crate.
/// Natively (in tests) it only checks that the trait is there.
#[macro_export]
macro_rules! plugin {
    ($plugin:ty, prepare) => {
        const _: () = {
            const fn has_its_trait<T: $crate::Prepare>() {}
            has_its_trait::<$plugin>();
        };
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            struct Exported;
            impl $crate::bindings::prepare::exports::sceau::prepare::step::Guest for Exported {
                fn run(input: $crate::Input) -> Result<$crate::Prepared, $crate::StepError> {
                    $crate::begin();
                    <$plugin as $crate::Prepare>::run(input)
                }
            }
            impl $crate::bindings::prepare::exports::sceau::self_test::self_test::Guest for Exported {
                fn run() -> Result<(), $crate::Failure> {
                    $crate::begin();
                    <$plugin as $crate::Prepare>::self_test()
                }
            }
            $crate::bindings::prepare::export_prepare!(Exported with_types_in $crate::bindings::prepare);
        };
    };
    ($plugin:ty, route) => {
        const _: () = {
            const fn has_its_trait<T: $crate::Route>() {}
            has_its_trait::<$plugin>();
        };
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            struct Exported;
            impl $crate::bindings::route::exports::sceau::route::step::Guest for Exported {
                fn run(input: $crate::Input) -> Result<$crate::Decision, $crate::StepError> {
                    $crate::begin();
                    <$plugin as $crate::Route>::run(input)
                }
            }
            impl $crate::bindings::route::exports::sceau::self_test::self_test::Guest for Exported {
                fn run() -> Result<(), $crate::Failure> {
                    $crate::begin();
                    <$plugin as $crate::Route>::self_test()
                }
            }
            $crate::bindings::route::export_route!(Exported with_types_in $crate::bindings::route);
        };
    };
    ($plugin:ty, validate) => {
        const _: () = {
            const fn has_its_trait<T: $crate::Validate>() {}
            has_its_trait::<$plugin>();
        };
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            struct Exported;
            impl $crate::bindings::validate::exports::sceau::validate::step::Guest for Exported {
                fn run(input: $crate::Input) -> Result<$crate::Report, $crate::StepError> {
                    $crate::begin();
                    <$plugin as $crate::Validate>::run(input)
                }
            }
            impl $crate::bindings::validate::exports::sceau::self_test::self_test::Guest for Exported {
                fn run() -> Result<(), $crate::Failure> {
                    $crate::begin();
                    <$plugin as $crate::Validate>::self_test()
                }
            }
            $crate::bindings::validate::export_validate!(Exported with_types_in $crate::bindings::validate);
        };
    };
    ($plugin:ty, notify) => {
        const _: () = {
            const fn has_its_trait<T: $crate::Notify>() {}
            has_its_trait::<$plugin>();
        };
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            struct Exported;
            impl $crate::bindings::notify::exports::sceau::notify::step::Guest for Exported {
                fn run(input: $crate::Input, event: $crate::Event) -> Result<$crate::Delivery, $crate::StepError> {
                    $crate::begin();
                    <$plugin as $crate::Notify>::run(input, event)
                }
            }
            impl $crate::bindings::notify::exports::sceau::self_test::self_test::Guest for Exported {
                fn run() -> Result<(), $crate::Failure> {
                    $crate::begin();
                    <$plugin as $crate::Notify>::self_test()
                }
            }
            $crate::bindings::notify::export_notify!(Exported with_types_in $crate::bindings::notify);
        };
    };
    ($plugin:ty, after_seal) => {
        const _: () = {
            const fn has_its_trait<T: $crate::AfterSeal>() {}
            has_its_trait::<$plugin>();
        };
        #[cfg(target_arch = "wasm32")]
        const _: () = {
            struct Exported;
            impl $crate::bindings::after_seal::exports::sceau::after_seal::step::Guest for Exported {
                fn run(input: $crate::Input, sealed: $crate::Sealed) -> Result<Vec<$crate::Artifact>, $crate::StepError> {
                    $crate::begin();
                    <$plugin as $crate::AfterSeal>::run(input, sealed)
                }
            }
            impl $crate::bindings::after_seal::exports::sceau::self_test::self_test::Guest for Exported {
                fn run() -> Result<(), $crate::Failure> {
                    $crate::begin();
                    <$plugin as $crate::AfterSeal>::self_test()
                }
            }
            $crate::bindings::after_seal::export_after_seal!(Exported with_types_in $crate::bindings::after_seal);
        };
    };
}
