//! TSTInfo (RFC 3161 §2.4.2): what a token says.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Imprint;
use crate::{
    asn1::{self, Asn1Error, Reader, generalized_time, parse_time, parse_unsigned, tag},
    oid::Oid,
};

/// How far the time may be off, either way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accuracy {
    /// Seconds.
    pub seconds: u64,
    /// Milliseconds, 0 to 999.
    pub millis: u16,
    /// Microseconds, 0 to 999.
    pub micros: u16,
}

impl Accuracy {
    /// One second: the least that EN 319 422 §5.2.3 asks for.
    pub const ONE_SECOND: Self = Self { seconds: 1, millis: 0, micros: 0 };

    fn to_der(self) -> Vec<u8> {
        let mut fields = Vec::new();
        if self.seconds > 0 {
            fields.push(asn1::integer_u64(self.seconds));
        }
        for (n, part) in [(0, self.millis), (1, self.micros)] {
            if part > 0 {
                let mut field = asn1::integer_u64(u64::from(part));
                field[0] = tag::context(n);
                fields.push(field);
            }
        }
        asn1::sequence(&fields)
    }

    fn parse(mut fields: Reader<'_>) -> Result<Self, Asn1Error> {
        let seconds = match fields.peek() {
            Some(tag::INTEGER) => fields.unsigned()?,
            _ => 0,
        };
        let millis = thousandth(&mut fields, 0)?;
        let micros = thousandth(&mut fields, 1)?;
        fields.finish()?;
        Ok(Self { seconds, millis, micros })
    }
}

/// `[n] INTEGER (1..999) OPTIONAL`.
fn thousandth(fields: &mut Reader<'_>, n: u8) -> Result<u16, Asn1Error> {
    let Some(part) = fields.optional(tag::context(n))? else { return Ok(0) };
    let value = parse_unsigned(part.value)?;
    u16::try_from(value).ok().filter(|v| *v < 1000).ok_or(Asn1Error::Value("accuracy"))
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TstInfo {
    /// The policy under which it was made.
    pub policy: Oid,
    /// What was time-stamped.
    pub imprint: Imprint,
    /// Content octets of the token's serial number.
    pub serial: Vec<u8>,
    /// When.
    pub gen_time: Timestamp,
    /// How exactly, if told.
    pub accuracy: Option<Accuracy>,
    /// Whether tokens of this unit can be ordered by their time alone.
    pub ordering: bool,
    /// Content octets of the request's nonce.
    pub nonce: Option<Vec<u8>>,
}

impl TstInfo {
    /// The serial number in hexadecimal.
    pub fn serial_hex(&self) -> String {
        self.serial.iter().map(|octet| format!("{octet:02x}")).collect()
    }

    pub(super) fn to_der(&self) -> Vec<u8> {
        let mut fields = vec![
            asn1::integer_u64(1),
            asn1::oid(&self.policy),
            self.imprint.to_der(),
            asn1::tlv(tag::INTEGER, &self.serial),
            generalized_time(self.gen_time),
        ];
        fields.extend(self.accuracy.map(Accuracy::to_der));
        // `ordering` has the DEFAULT FALSE, which DER leaves out.
        if self.ordering {
            fields.push(asn1::boolean(true));
        }
        fields.extend(self.nonce.as_deref().map(|nonce| asn1::tlv(tag::INTEGER, nonce)));
        asn1::sequence(&fields)
    }

    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Asn1Error> {
        let mut fields = Reader::single(bytes, tag::SEQUENCE)?.reader();
        if fields.unsigned()? != 1 {
            return Err(Asn1Error::Value("TSTInfo version"));
        }
        let policy = fields.oid()?;
        let imprint = Imprint::parse(fields.sequence()?)?;
        let serial = fields.integer()?.to_vec();
        let gen_time = parse_time(&fields.expect(tag::GENERALIZED_TIME)?)?;
        let accuracy = fields.optional(tag::SEQUENCE)?;
        let accuracy = accuracy.map(|element| Accuracy::parse(element.reader())).transpose()?;
        let ordering = fields.flag()?;
        let nonce = fields.optional(tag::INTEGER)?.map(|element| element.value.to_vec());
        // tsa [0] and extensions [1] say nothing that is decided on here.
        fields.optional(tag::constructed(0))?;
        fields.optional(tag::constructed(1))?;
        fields.finish()?;
        Ok(Self { policy, imprint, serial, gen_time, accuracy, ordering, nonce })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{digest::DigestAlgorithm, oid};

    #[test]
    fn what_is_said_comes_back() {
        let accuracies = [
            None,
            Some(Accuracy::ONE_SECOND),
            Some(Accuracy { seconds: 0, millis: 500, micros: 7 }),
        ];
        for accuracy in accuracies {
            let info = TstInfo {
                policy: oid::POLICY_INTERNAL_TSA,
                imprint: Imprint::of(DigestAlgorithm::Sha384, b"signature"),
                serial: vec![0x40; 16],
                gen_time: "2026-11-23T04:44:51.5Z".parse().unwrap(),
                accuracy,
                ordering: accuracy.is_none(),
                nonce: accuracy.map(|_| vec![0x40, 1]),
            };
            assert_eq!(TstInfo::parse(&info.to_der()), Ok(info));
        }
    }
}
