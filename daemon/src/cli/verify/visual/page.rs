//! One page of HTML that needs nothing else: no script, no font, no address.
//!
//! Invariant: every text of the document passes [`safe`]; pictures are PNGs of our own making.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sceau_pades::report::{Coverage, Indication, Report, SignatureKind, SignatureReport, Verdict};
use sceau_render::Trouble;

use super::super::text::{clean, describe, person, verdict_name};
use super::super::words::{ENGLISH, FRENCH, PageWords, Words};
use super::gallery::{Exhibit, Gallery, Image, Marked};

const STYLE: &str = include_str!("page.css");

/// The page about one file.
pub(super) fn render(file: &str, report: &Report, gallery: &Gallery, french: bool) -> String {
    let words = if french { &FRENCH } else { &ENGLISH };
    let said = PageWords { french };
    let mut page = Page { out: String::new(), words, said, shown: HashMap::new() };
    page.head(file);
    page.summary(file, report);
    for (index, signature) in report.signatures.iter().enumerate() {
        page.signature(index, signature, gallery);
    }
    page.foot(gallery.left_out);
    page.out
}

struct Page {
    out: String,
    words: &'static Words,
    said: PageWords,
    /// Which pairs of pictures stand where, so that none is there twice.
    shown: HashMap<(u32, String, String), (String, String)>,
}

/// Text as HTML, without what would steer a reader.
fn safe(text: &str) -> String {
    let mut out = String::new();
    for letter in clean(text).chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Marks that turn the direction of what follows.
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                out.push(char::REPLACEMENT_CHARACTER);
            }
            letter => out.push(letter),
        }
    }
    out
}

impl Page {
    fn put(&mut self, text: impl AsRef<str>) {
        self.out.push_str(text.as_ref());
        self.out.push('\n');
    }

    fn head(&mut self, file: &str) {
        let said = self.said;
        self.put("<!doctype html>");
        self.put(format!("<html lang=\"{}\">", said.lang()));
        self.put("<head>\n<meta charset=\"utf-8\">");
        self.put("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">");
        self.put("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        self.put("<meta name=\"referrer\" content=\"no-referrer\">");
        self.put(format!("<title>{} · {}</title>", safe(file), said.title()));
        self.put(format!("<style>\n{STYLE}</style>\n</head>\n<body>"));
        self.put(format!("<a class=\"skip\" href=\"#signatures\">{}</a>", said.skip()));
    }

    fn summary(&mut self, file: &str, report: &Report) {
        let (verdict, policy) = (&report.verdict, &report.policy);
        let at = report.validated_at.to_string();
        self.put("<header>");
        self.put(format!("<p class=\"kind\">Sceau · {}</p>", self.said.title()));
        self.put(format!("<h1>{}</h1>", safe(file)));
        let badge = self.badge(verdict);
        let meaning = self.words.meaning(verdict.indication, verdict.sub_indication);
        let name = verdict_name(verdict);
        self.put(format!("<p class=\"verdict\">{badge} {}</p>", safe(meaning)));
        self.put(format!("<p><code>{name}</code></p>"));
        let conditions = self.words.conditions(&at, policy.trust_anchors, policy.revocation);
        self.put(format!("<p class=\"quiet\">{}</p>\n</header>", safe(&conditions)));
        self.put("<main id=\"signatures\">");
        if report.signatures.is_empty() {
            self.put(format!("<p>{}</p>", self.said.no_signature()));
        } else {
            self.contents(report);
        }
    }

    /// Where each signature stands.
    fn contents(&mut self, report: &Report) {
        self.put(format!("<nav aria-label=\"{}\">\n<ol>", self.said.signatures()));
        for (index, signature) in report.signatures.iter().enumerate() {
            let (name, badge) = (self.name(signature), self.badge(&signature.verdict));
            self.put(format!("<li><a href=\"#s{index}\">{name}</a> {badge}</li>"));
        }
        self.put("</ol>\n</nav>");
    }

    fn name(&self, signature: &SignatureReport) -> String {
        let kind = match signature.kind {
            SignatureKind::Signature => self.words.signature,
            SignatureKind::DocumentTimestamp => self.words.document_timestamp,
        };
        let field = safe(&signature.field);
        if self.said.french {
            format!("{kind} «\u{a0}{field}\u{a0}»")
        } else {
            format!("{kind} \u{201c}{field}\u{201d}")
        }
    }

    /// Told by a word and a sign, never by colour alone.
    fn badge(&self, verdict: &Verdict) -> String {
        let (class, sign, word) = match verdict.indication {
            Indication::TotalPassed => ("good", "✓", self.said.passed()),
            Indication::Indeterminate => ("open", "?", self.said.indeterminate()),
            Indication::TotalFailed => ("bad", "✗", self.said.failed()),
        };
        format!(
            "<span class=\"badge {class}\"><span aria-hidden=\"true\">{sign}</span> {word}</span>"
        )
    }

    fn signature(&mut self, index: usize, signature: &SignatureReport, gallery: &Gallery) {
        let level = signature.level.map(|level| format!(" · {level}")).unwrap_or_default();
        let (name, badge) = (self.name(signature), self.badge(&signature.verdict));
        self.put(format!("<section id=\"s{index}\" aria-labelledby=\"h{index}\">"));
        let code = verdict_name(&signature.verdict);
        self.put(format!("<h2 id=\"h{index}\">{name}{level}</h2>"));
        self.put(format!("<p class=\"verdict\">{badge} <code>{code}</code></p>"));
        self.facts(signature);
        self.problems(signature);
        self.changes(signature);
        let own = |exhibit: &&Exhibit| exhibit.look.signature == index;
        for exhibit in gallery.exhibits.iter().filter(own) {
            self.exhibit(exhibit, signature);
        }
        if let Some(same) = gallery.same.get(&index) {
            self.put(format!("<p class=\"quiet\">{}</p>", self.said.same_pages(*same)));
        }
        self.put("</section>");
    }

    fn facts(&mut self, signature: &SignatureReport) {
        let words = self.words;
        let mut facts: Vec<(&str, String)> = Vec::new();
        if let Some(signer) = &signature.signer {
            facts.push((words.signed_by, signer.subject.clone()));
            facts.push((words.who, person(words, signature.kind, signer)));
            let stated = signer.qc.as_ref().and_then(|qc| words.qualified(qc));
            facts.extend(stated.map(|told| (words.stated, told)));
            facts.push((words.issued_by, signer.issuer.clone()));
        }
        facts.extend(signature.claimed_roles.iter().map(|role| (words.claimed_role, role.clone())));
        let named = signature.delegation.as_ref();
        facts.extend(named.map(|one| ("délégation", words.delegation(one))));
        facts.extend(signature.claimed_time.map(|time| (words.claimed_time, time.to_string())));
        let stamps = signature.timestamps.iter();
        facts.extend(stamps.map(|stamp| (words.timestamp, describe(words, stamp))));
        match signature.coverage {
            Some(Coverage::WholeFile) => facts.push((words.covers, words.whole_file.to_owned())),
            Some(Coverage::Revision { end }) => facts.push((words.covers, words.first_bytes(end))),
            None => {}
        }
        self.put("<dl>");
        for (name, value) in facts {
            self.put(format!("<div><dt>{name}</dt><dd>{}</dd></div>", safe(&value)));
        }
        self.put("</dl>");
    }

    fn problems(&mut self, signature: &SignatureReport) {
        if signature.verdict.findings.is_empty() {
            return;
        }
        self.put(format!("<h3>{}</h3>\n<ul class=\"problems\">", self.said.problems()));
        for told in self.words.findings(&signature.verdict.findings) {
            self.put(format!("<li>{}</li>", safe(&told)));
        }
        self.put("</ul>");
    }

    fn changes(&mut self, signature: &SignatureReport) {
        self.put(format!("<h3>{}</h3>", self.said.after()));
        let items: Vec<_> = signature.changes.iter().flat_map(|change| &change.items).collect();
        if items.is_empty() {
            let said = match signature.coverage {
                Some(Coverage::WholeFile) => self.said.nothing_after(),
                Some(Coverage::Revision { .. }) => self.said.only_form(),
                None => self.said.unknown_after(),
            };
            self.put(format!("<p>{said}</p>"));
            return;
        }
        self.put("<ul class=\"changes\">");
        for item in items {
            let (class, sign, kind) = match item.permitted {
                true => ("good", "✓", self.said.permitted()),
                false => ("bad", "✗", self.said.modification()),
            };
            let told = safe(if self.said.french { &item.fr } else { &item.en });
            self.put(format!(
                "<li><span class=\"badge {class}\"><span aria-hidden=\"true\">{sign}</span> {kind}</span> {told}</li>"
            ));
        }
        self.put("</ul>");
    }

    fn exhibit(&mut self, exhibit: &Exhibit, signature: &SignatureReport) {
        let (look, said) = (&exhibit.look, self.said);
        let id = format!("s{}p{}", look.signature, look.page);
        self.put(format!("<article aria-labelledby=\"{id}\">"));
        self.put(format!("<h3 id=\"{id}\">{}</h3>", said.page(look.page)));
        let told = self.told(exhibit);
        if let Some(told) = &told {
            self.put(format!("<p>{told}</p>"));
        }
        if let Some((name, target)) = self.known(exhibit, signature, &id) {
            let above = said.shown_above();
            self.put(format!("<p>{above} <a href=\"#{target}\">{name}</a>.</p>\n</article>"));
            return;
        }
        self.put("<div class=\"pictures\">");
        let (before_alt, after_alt) =
            (said.before_alt(look.page, &signature.field), said.after_alt(look.page));
        self.figure(&format!("{id}b"), said.before_picture(), &exhibit.before, &before_alt);
        self.figure(&format!("{id}a"), said.after_picture(), &exhibit.after, &after_alt);
        if let Some(Some(marked)) = &exhibit.difference {
            let alt = said.marked_alt(look.page, &told.unwrap_or_default());
            let caption = format!("{} {}", said.marked_picture(), self.legend());
            self.figure(&format!("{id}d"), &caption, &Ok(marked.image.clone()), &alt);
        }
        self.put("</div>\n</article>");
    }

    /// What differs, in words.
    fn told(&self, exhibit: &Exhibit) -> Option<String> {
        match exhibit.difference.as_ref()? {
            None => Some(self.said.same().to_owned()),
            Some(Marked { difference, .. }) if difference.regions.is_empty() => {
                Some(self.said.whole_page().to_owned())
            }
            Some(Marked { difference, .. }) => {
                Some(self.said.regions(difference.regions.len(), &difference.places()))
            }
        }
    }

    /// Where the same two pictures stand already.
    fn known(
        &mut self,
        exhibit: &Exhibit,
        signature: &SignatureReport,
        id: &str,
    ) -> Option<(String, String)> {
        let (Ok(before), Ok(after)) = (&exhibit.before, &exhibit.after) else { return None };
        let key = (exhibit.look.page, before.sha256.clone(), after.sha256.clone());
        if let Some(known) = self.shown.get(&key) {
            return Some(known.clone());
        }
        self.shown.insert(key, (self.name(signature), id.to_owned()));
        None
    }

    fn figure(&mut self, id: &str, caption: &str, image: &Result<Image, Trouble>, alt: &str) {
        self.put("<figure>");
        match image {
            Ok(image) => {
                let (data, alt) = (STANDARD.encode(&image.png), safe(alt));
                let (width, height) = (image.width, image.height);
                self.put(format!(
                    "<img src=\"data:image/png;base64,{data}\" width=\"{width}\" height=\"{height}\" alt=\"{alt}\">"
                ));
                let enlarge = self.said.enlarge();
                self.put(format!(
                    "<figcaption><span>{caption}</span><label for=\"{id}\"><input type=\"checkbox\" id=\"{id}\"> {enlarge}</label></figcaption>"
                ));
            }
            Err(trouble) => {
                let (none, why) = (self.said.no_picture(), safe(&self.said.trouble(trouble)));
                self.put(format!(
                    "<div class=\"none\"><p><strong>{none}</strong></p><p>{why}</p></div>"
                ));
                self.put(format!("<figcaption><span>{caption}</span></figcaption>"));
            }
        }
        self.put("</figure>");
    }

    fn legend(&self) -> String {
        let (gone, new) = (self.said.legend_gone(), self.said.legend_new());
        format!(
            "<small><i class=\"gone\"></i>\u{a0}{gone} <i class=\"new\"></i>\u{a0}{new}</small>"
        )
    }

    fn foot(&mut self, left_out: u32) {
        let said = self.said;
        if left_out > 0 {
            self.put(format!("<p class=\"quiet\">{}</p>", said.left_out(left_out)));
        }
        self.put(format!("</main>\n<footer>\n<h2>{}</h2>", said.about()));
        self.put(format!("<p>{}</p>\n<p>{}</p>", said.about_pictures(), said.about_nothing()));
        self.put("</footer>\n</body>\n</html>");
    }
}
