//! What the contract says, as generated. One world of ours holds every kind; only the interfaces
//! that a component really has are ever asked for.

wasmtime::component::bindgen!({
    inline: "
        package sceau:host;
        world every-kind {
            include sceau:plugin/prepare@1.1.0;
            include sceau:plugin/route@1.1.0;
            include sceau:plugin/validate@1.1.0;
            include sceau:plugin/notify@1.1.0;
            include sceau:plugin/after-seal@1.1.0;
        }
    ",
    path: "../../../plugins/wit/1.1.0",
    world: "sceau:host/every-kind",
    imports: { default: trappable },
    with: {
        "sceau:documents/documents.document": crate::host::documents::Opened,
        "sceau:document-output/document-output.writer": crate::host::output::Writer,
    },
});
