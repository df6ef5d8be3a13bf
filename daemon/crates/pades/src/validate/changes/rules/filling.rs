//! Form fields that were filled where nothing locks them (ISO 32000-2 §12.8.2.2, §12.8.2.4).

use std::collections::{BTreeMap, HashMap};

use sceau_pdf::{
    Dictionary, DocMdp, Field, Name, Object, ObjectId, Operation, ReadError, operations,
};

use super::super::same::{same, same_text};
use super::super::step::{Step, differing_keys};
use super::appearance::inherited;
use super::{Guard, appearance, signature};
use crate::report::What;

/// Most operations of a default appearance.
const MAX_OPERATIONS: usize = 64;

/// What an object of the old revision is to a field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// The field or one of its widgets.
    Field,
    /// A stream that shows it, or the dictionary that names the streams that show a signature.
    Appearance,
}

/// Explains the objects of fields that were filled and nothing else.
pub(super) fn explain(step: &mut Step<'_, '_>) -> Result<(), ReadError> {
    let open = step.unexplained();
    if open.is_empty() {
        return Ok(());
    }
    let fields = step.old.fields()?;
    let roles = roles(step, &fields)?;
    let mut touched: BTreeMap<usize, Vec<(ObjectId, Part)>> = BTreeMap::new();
    for id in open {
        if let Some((field, part)) = roles.get(&id.number) {
            touched.entry(*field).or_default().push((id, *part));
        }
    }
    for (index, parts) in touched {
        fill(step, &fields[index], &parts)?;
    }
    Ok(())
}

type Roles = HashMap<u32, (usize, Part)>;

fn roles(step: &Step<'_, '_>, fields: &[Field]) -> Result<Roles, ReadError> {
    let mut roles = Roles::new();
    for (index, field) in fields.iter().enumerate() {
        let mut widgets = vec![field.dictionary.clone()];
        if let Some(id) = field.object {
            roles.entry(id.number).or_insert((index, Part::Field));
        }
        let kids = step.old.get(&field.dictionary, "Kids")?;
        for kid in kids.as_array().unwrap_or_default() {
            let Some(id) = kid.as_reference() else { continue };
            roles.entry(id.number).or_insert((index, Part::Field));
            widgets.extend(step.old.object(id)?.as_dictionary().cloned());
        }
        for widget in &widgets {
            for id in looks(step, field.kind.as_deref(), widget)? {
                roles.entry(id.number).or_insert((index, Part::Appearance));
            }
        }
    }
    Ok(roles)
}

/// The objects that show a widget and that filling may replace.
fn looks(
    step: &Step<'_, '_>,
    kind: Option<&str>,
    widget: &Dictionary,
) -> Result<Vec<ObjectId>, ReadError> {
    let named = match kind {
        Some("Tx" | "Ch") => None,
        Some("Sig") => widget.get("AP").and_then(Object::as_reference),
        _ => return Ok(Vec::new()),
    };
    Ok(appearance::streams(step.old, widget)?.into_iter().chain(named).collect())
}

fn fill(
    step: &mut Step<'_, '_>,
    field: &Field,
    parts: &[(ObjectId, Part)],
) -> Result<(), ReadError> {
    let kind = field.kind.as_deref().unwrap_or_default();
    let shown = field.object.unwrap_or(parts[0].0);
    let mut widgets = Vec::new();
    for (id, part) in parts {
        if *part == Part::Field {
            let Some(new) = changed_only(step, *id, &field.name, kind)? else { return Ok(()) };
            widgets.push(new);
        }
    }
    if kind == "Sig" {
        return sign(step, field, parts, &widgets);
    }
    if !may_fill(step, shown, &field.name)? {
        return Ok(());
    }
    let filled = match field.object {
        Some(id) => step.new.object(id)?.as_dictionary().cloned().unwrap_or_default(),
        None => Dictionary::new(),
    };
    if !appearance::check(step, field, &filled, shown)? {
        return Ok(());
    }
    let looks = take(step, field, parts)?;
    let own = widgets.iter().flat_map(|widget| [widget.get("V"), widget.get("AP")]).flatten();
    for value in own.chain(&looks) {
        if !step.adopt(value)? {
            return Ok(());
        }
    }
    let what = match kind {
        "Btn" => What::ButtonSet,
        "Ch" => What::ChoiceMade,
        _ => What::TextFieldFilled,
    };
    step.tell(what, Some(widget_of(step, field, parts)?), Some(&field.name));
    Ok(())
}

/// Explains the parts; the looks that were replaced in place, which may have shown this field alone.
fn take(
    step: &mut Step<'_, '_>,
    field: &Field,
    parts: &[(ObjectId, Part)],
) -> Result<Vec<Object>, ReadError> {
    let mut looks = Vec::new();
    if parts.iter().any(|(_, part)| *part == Part::Appearance) {
        let named = appearance::widgets(step.old, &field.dictionary)?;
        let named =
            named.iter().filter_map(|widget| widget.get("AP").and_then(Object::as_reference));
        step.replaced.extend(named.map(|id| id.number));
    }
    for (id, part) in parts {
        step.explain(*id);
        if *part == Part::Appearance {
            step.replaced.insert(id.number);
            looks.push(step.new.object(*id)?);
        }
    }
    Ok(looks)
}

/// The object that a page shows, so that the page can be named.
fn widget_of(
    step: &Step<'_, '_>,
    field: &Field,
    parts: &[(ObjectId, Part)],
) -> Result<ObjectId, ReadError> {
    let kids = step.old.get(&field.dictionary, "Kids")?;
    let first = kids.as_array().and_then(<[Object]>::first).and_then(Object::as_reference);
    Ok(first.or(field.object).unwrap_or(parts[0].0))
}

/// The new dictionary, where it differs in nothing but what filling changes.
fn changed_only(
    step: &mut Step<'_, '_>,
    id: ObjectId,
    name: &str,
    kind: &str,
) -> Result<Option<Dictionary>, ReadError> {
    let allowed: &[&str] = match kind {
        "Btn" => &["V", "AS", "AP"],
        "Sig" => &["V", "AP", "F", "M", "MK"],
        "Tx" => &["V", "AP", "M", "RV"],
        "Ch" => &["V", "AP", "I", "M", "TI"],
        _ => &[],
    };
    let (old, new) = (step.old.object(id)?, step.new.object(id)?);
    if let (Object::Dictionary(old), Object::Dictionary(new)) = (&old, &new) {
        let mut strange = None;
        for key in differing_keys(old, new) {
            let may = allowed.contains(&key.as_str()) || says_the_same(step, &key, old, new)?;
            strange = strange.or((!may).then_some(key));
        }
        let Some(key) = strange else { return Ok(Some(new.clone())) };
        let text = format!("{name}, /{key}");
        if !step.refuse(Guard::Filling, What::FieldChanged, Some(id), Some(&text)) {
            return Ok(Some(new.clone()));
        }
        return Ok(None);
    }
    step.refuse(Guard::Filling, What::FieldChanged, Some(id), Some(name));
    Ok(None)
}

/// What programs write otherwise that draw a field anew: the default appearance in another order, flags that
/// were inherited or none, a border that is that of every field, and the texts of a choice in another encoding.
fn says_the_same(
    step: &Step<'_, '_>,
    key: &str,
    old: &Dictionary,
    new: &Dictionary,
) -> Result<bool, ReadError> {
    let number = |flags: Object| flags.as_integer().unwrap_or(0);
    Ok(match key {
        "DA" => {
            let [old, new] = [step.old.get(old, key)?, step.new.get(new, key)?].map(set);
            old.zip(new).is_some_and(|(old, new)| same(&old, &new))
        }
        "Ff" => number(inherited(step.old, old, key)?) == number(inherited(step.new, new, key)?),
        // As it is where nothing says otherwise (table 168).
        "BS" => {
            let solid =
                Object::Dictionary(Dictionary::new().with("W", 1).with("S", Name::from("S")));
            let new = without_type(&step.new.get(new, key)?);
            !old.contains("BS") && !old.contains("Border") && same(&new, &solid)
        }
        "Opt" => same_text(&step.old.get(old, key)?, &step.new.get(new, key)?),
        _ => false,
    })
}

fn without_type(object: &Object) -> Object {
    let mut object = object.clone();
    if let Object::Dictionary(dictionary) = &mut object {
        dictionary.remove("Type");
    }
    object
}

/// What a default appearance sets (§12.7.4.3), each thing once and in one order.
fn set(said: Object) -> Option<Object> {
    let content = operations(&said.as_string()?.bytes(), MAX_OPERATIONS).ok()?;
    let mut set = BTreeMap::new();
    for Operation { operator, operands } in content {
        let what = if matches!(&*operator, "g" | "rg" | "k") { "colour" } else { &*operator };
        let what = what.to_owned();
        let value = [vec![Object::from(Name::from(&*operator))], operands].concat();
        set.insert(what, value).is_none().then_some(())?;
    }
    Some(Object::Array(set.into_values().flatten().collect()))
}

fn may_fill(step: &mut Step<'_, '_>, id: ObjectId, name: &str) -> Result<bool, ReadError> {
    let forbidden = step.rights()?.mdp == Some(DocMdp::NoChange);
    if forbidden && step.refuse(Guard::DocMdp, What::FieldForbidden, Some(id), Some(name)) {
        return Ok(false);
    }
    if let Some(by) = step.rights()?.locks.of(name).map(str::to_owned) {
        let text = format!("{name}, {by}");
        return Ok(!step.refuse(Guard::FieldLock, What::FieldLocked, Some(id), Some(&text)));
    }
    Ok(true)
}

/// A signature field that had been there: empty, and now signed.
fn sign(
    step: &mut Step<'_, '_>,
    field: &Field,
    parts: &[(ObjectId, Part)],
    widgets: &[Dictionary],
) -> Result<(), ReadError> {
    let signed = widgets.iter().find(|widget| widget.contains("V"));
    let had = step.old.get(&field.dictionary, "V")? != Object::Null;
    let (Some(signed), false) = (signed, had) else {
        let name = Some(field.name.as_str());
        if step.refuse(Guard::Filling, What::FieldChanged, Some(parts[0].0), name) {
            return Ok(());
        }
        parts.iter().for_each(|(id, _)| step.explain(*id));
        return Ok(());
    };
    let looks = take(step, field, parts)?;
    for value in widgets.iter().filter_map(|widget| widget.get("AP")).chain(&looks) {
        if !step.adopt(value)? {
            return Ok(());
        }
    }
    signature::signed(step, parts[0].0, signed, &field.name)
}
