//! Small pieces that transactions are written from.

/// The word by which an event is known in its record: serde writes the tag first.
pub(super) fn event_name(record: &[u8]) -> &str {
    let json = record.get(1..).unwrap_or_default();
    let name = json.strip_prefix(b"{\"event\":\"").unwrap_or_default();
    let end = name.iter().position(|byte| *byte == b'"').unwrap_or(0);
    std::str::from_utf8(&name[..end]).ok().filter(|name| !name.is_empty()).unwrap_or("unknown")
}

#[cfg(test)]
mod tests {
    use sceau_workflow::machine::DossierEvent;

    use super::*;
    use crate::records;

    #[test]
    fn an_event_is_named_by_its_tag() {
        let entered = DossierEvent::StepEntered { step: 1, attempt: 2, reason: None };
        assert_eq!(event_name(&records::encode(&entered)), "step_entered");
        for none in [&b""[..], b"\x01", b"\x01{}", b"\x01{\"event\":3}", b"\x01{\"event\":\""] {
            assert_eq!(event_name(none), "unknown");
        }
    }

    #[test]
    fn a_list_of_records_is_the_record_of_the_list() {
        let all = [1, 2].map(|step| DossierEvent::StepEntered { step, attempt: 1, reason: None });
        for some in [&all[..], &all[..1], &[]] {
            let records: Vec<_> = some.iter().map(records::encode).collect();
            assert_eq!(records::list(&records), records::encode(&some));
        }
    }
}
