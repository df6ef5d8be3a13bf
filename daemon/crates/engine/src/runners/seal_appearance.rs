//! How a seal is seen: what the workflow says, as the document's room takes it.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use sceau_pdf::{Appearance, OnOverlap, PageChoice, Picture, Place};
use sceau_pki::sha256;
use sceau_workflow::definition::{AppearancePlace, AppearanceSettings, SealImage};

use super::Workshop;
use crate::runner::{Job, RunResult};
use crate::sentences;

impl Workshop {
    pub(super) fn appearance(
        &self,
        settings: &AppearanceSettings,
        job: &Job,
        values: &BTreeMap<String, String>,
    ) -> Result<Appearance, RunResult> {
        let lines = settings.lines.iter().map(|line| line.fill(values)).collect();
        let picture = settings.image.as_ref().map(|image| self.picture(image)).transpose()?;
        Ok(drawn(settings, lines, picture, &self.societe_name(&job.dossier)))
    }

    /// The picture that the definition was pinned with, and no other.
    fn picture(&self, image: &SealImage) -> Result<Picture, RunResult> {
        let full = self.base.join(&image.path);
        let bytes = read(&full).map_err(|error| {
            RunResult::Failed(sentences::configuration(
                "L'image que le circuit montre dans le cachet n'a pas pu être lue.",
                "The image that the workflow shows in the seal could not be read.",
                format!("{}: {error}", full.display()),
            ))
        })?;
        if image.digest != Some(hex::encode(sha256(&bytes))) {
            return Err(RunResult::Failed(sentences::configuration(
                "L'image que le circuit montre dans le cachet a changé depuis que le dossier a commencé.",
                "The image that the workflow shows in the seal has changed since the dossier began.",
                format!(
                    "put the file {} back as it was and retry, and give a new image a new name",
                    full.display()
                ),
            )));
        }
        Ok(Picture { bytes })
    }
}

/// No more than what is refused anyway.
fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path)?;
    file.take(Picture::MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What the workflow's millimetres and lines are to the document.
fn drawn(
    settings: &AppearanceSettings,
    lines: Vec<String>,
    picture: Option<Picture>,
    societe: &str,
) -> Appearance {
    const MM: f64 = 72.0 / 25.4;
    /// Between an anchor and the box below it.
    const BELOW: f64 = 2.0 * MM;
    let points = |length: u32| f64::from(length) * MM;
    let (width, height) = (points(settings.width), points(settings.height));
    let place = match &settings.place {
        AppearancePlace::Field => Place::Field,
        AppearancePlace::At { page, x, y } => {
            let page = page.map_or(PageChoice::Last, PageChoice::Number);
            Place::At { page, x: points(*x), y: points(*y), width, height }
        }
        AppearancePlace::Below(text) => {
            Place::Anchor { text: text.clone(), page: None, dx: 0.0, dy: BELOW, width, height }
        }
    };
    let on_overlap = if settings.may_move { OnOverlap::Move } else { OnOverlap::Refuse };
    let accessible_name = format!("Cachet électronique : {societe}");
    Appearance { place, lines, picture, accessible_name, on_overlap }
}
