//! `[pki]`: where the world reaches what our own authority tells.

use sceau_workflow::faults::{FaultCode, TableReader};

use super::PkiConfig;

/// `base_url = "http://pki.cabinet.example"`, `public_tsa = true`; without the table nothing is told.
pub(super) fn read(root: &TableReader<'_>) -> Option<PkiConfig> {
    let table = root.table("pki")?;
    let form = "an address that begins with http:// or https://, without user, query or fragment";
    if !table.has("base_url") {
        table.missing("base_url", form);
    }
    let base = table.parsed("base_url", form, base_url);
    let public_tsa = table.boolean("public_tsa").unwrap_or(false);
    table.finish();
    if !root.has("http") {
        unreachable(&table);
    }
    Some(PkiConfig { base_url: base?.value, public_tsa })
}

/// Addresses that nobody answers make every certificate that bears them doubtful for ten years.
fn unreachable(table: &TableReader<'_>) {
    let message = "nobody answers at this address: [pki] is told over [http], which is missing";
    let help = "add [http] with `listen`, or take [pki] out";
    table.fault(FaultCode::BadValue, table.span(), message.to_owned(), Some(help.to_owned()));
}

/// The address without a slash at its end.
pub(crate) fn base_url(text: &str) -> Option<String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let host = rest.split('/').next().unwrap_or("");
    let plain = text.bytes().all(|c| c.is_ascii_graphic() && !b"@?#\"<>\\".contains(&c));
    (plain && !host.is_empty() && text.len() <= 200).then(|| text.trim_end_matches('/').to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::base_url;

    #[test]
    fn an_address_is_plain_and_ends_without_a_slash() {
        assert_eq!(base_url("http://pki.example/x/").unwrap(), "http://pki.example/x");
        for bad in
            ["", "ftp://x", "http://", "http://a@b", "http://a?b", "http://a b", "https:///x"]
        {
            assert_eq!(base_url(bad), None, "{bad}");
        }
    }
}
