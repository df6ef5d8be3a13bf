//! The widget in the structure of a tagged document (ISO 32000-2, 14.7 and 14.8; ISO 14289-1, 7.18).

use super::SignRefusal;
use crate::write::{Body, Increment};
use crate::{Dictionary, Name, Object, ObjectId, Page, ReadError};

/// The longest way down a number tree.
const MAX_DEPTH: usize = 16;

/// Whether the structure may grow: the document is tagged, and nobody has signed it. What is in a
/// signature's own revision is signed with it; after another signature it would be a change of the
/// structure that this one covers, which a validator does not have to let pass.
pub(super) fn may_grow(increment: &Increment<'_, '_>) -> Result<bool, SignRefusal> {
    let marked = increment.get(&increment.catalog()?, "MarkInfo")?;
    let marked = marked.as_dictionary().and_then(|marked| marked.get("Marked"));
    if marked != Some(&Object::Boolean(true)) {
        return Ok(false);
    }
    let fields = increment.doc().signature_fields()?;
    Ok(fields.iter().all(|field| field.value.is_none()))
}

/// The order of a page's annotations is that of its structure (ISO 14289-1, 7.18.3). Gives back
/// whether the page has changed.
pub(super) fn in_order(page: &mut Dictionary) -> bool {
    let changed = page.name("Tabs") != Some("S");
    if changed {
        page.set("Tabs", Name::from("S"));
    }
    changed
}

/// Puts the widget of a seen field into the structure, as a form (ISO 14289-1, 7.18.4). A structure
/// that has no tree of parents is left as it is.
pub(super) fn enter(
    increment: &mut Increment<'_, '_>,
    widget: &mut Dictionary,
    field: ObjectId,
    page: &Page,
) -> Result<(), SignRefusal> {
    let root = increment.catalog()?.get("StructTreeRoot").and_then(Object::as_reference);
    let Some(root) = root else { return Ok(()) };
    let Object::Dictionary(mut tree) = increment.object(root)? else { return Ok(()) };
    let Some(key) = next_key(increment, &tree)? else { return Ok(()) };
    let (parent, inner) = match document_element(increment, &tree)? {
        Some((id, element)) => (id, Some(element)),
        None => (root, None),
    };
    let element = increment.add(Body::Object(form(parent, field, page).into()))?;
    if let Some(mut inner) = inner {
        if add_kid(increment, &mut inner, element)? {
            increment.put(parent, Body::Object(inner.into()));
        }
    } else {
        add_kid(increment, &mut tree, element)?;
    }
    add_parent(increment, &mut tree, key, element)?;
    tree.set("ParentTreeNextKey", key + 1);
    increment.put(root, Body::Object(tree.into()));
    widget.set("StructParent", key);
    Ok(())
}

/// The element with its one kid, the widget (14.7.5.3).
fn form(parent: ObjectId, field: ObjectId, page: &Page) -> Dictionary {
    let kid = Dictionary::new()
        .with("Type", Name::from("OBJR"))
        .with("Obj", field)
        .with("Pg", page.object);
    Dictionary::new()
        .with("Type", Name::from("StructElem"))
        .with("S", Name::from("Form"))
        .with("P", parent)
        .with("Pg", page.object)
        .with("K", kid)
}

/// The first element beneath the root, where it stands for the whole document.
fn document_element(
    increment: &Increment<'_, '_>,
    tree: &Dictionary,
) -> Result<Option<(ObjectId, Dictionary)>, ReadError> {
    let first = match tree.get("K") {
        Some(Object::Reference(id)) if !matches!(increment.object(*id)?, Object::Array(_)) => {
            Some(*id)
        }
        Some(kids) => match increment.resolve(kids)? {
            Object::Array(kids) => kids.first().and_then(Object::as_reference),
            _ => None,
        },
        None => None,
    };
    let Some(id) = first else { return Ok(None) };
    match increment.object(id)? {
        Object::Dictionary(element) if element.name("S") == Some("Document") => {
            Ok(Some((id, element)))
        }
        _ => Ok(None),
    }
}

/// Adds a kid to an element, whose kids may be one without an array (table 355). Gives back whether
/// the element has changed.
fn add_kid(
    increment: &mut Increment<'_, '_>,
    element: &mut Dictionary,
    kid: ObjectId,
) -> Result<bool, SignRefusal> {
    if let Some(only) = element.get("K").cloned()
        && !matches!(increment.resolve(&only)?, Object::Array(_))
    {
        element.set("K", vec![only]);
    }
    Ok(increment.push(element, "K", kid.into())?)
}

/// The first key of the tree of parents that is free; none where there is no such tree.
fn next_key(increment: &Increment<'_, '_>, tree: &Dictionary) -> Result<Option<i64>, ReadError> {
    let Object::Dictionary(mut node) = increment.get(tree, "ParentTree")? else { return Ok(None) };
    let stated = tree.integer("ParentTreeNextKey").unwrap_or(0);
    for _ in 0..MAX_DEPTH {
        if let Object::Array(kids) = increment.get(&node, "Kids")?
            && let Some(last) = kids.last()
        {
            let Object::Dictionary(last) = increment.resolve(last)? else { return Ok(None) };
            node = last;
            continue;
        }
        let Object::Array(numbers) = increment.get(&node, "Nums")? else { return Ok(None) };
        let keys = numbers.iter().step_by(2).filter_map(Object::as_integer);
        let free = keys.max().and_then(|last| last.checked_add(1)).unwrap_or(0);
        let key = stated.max(free);
        return Ok((0..i64::from(i32::MAX)).contains(&key).then_some(key));
    }
    Ok(None)
}

/// Adds an entry behind all others of the tree of parents (7.9.7).
fn add_parent(
    increment: &mut Increment<'_, '_>,
    tree: &mut Dictionary,
    key: i64,
    element: ObjectId,
) -> Result<(), SignRefusal> {
    let own = tree.get("ParentTree").and_then(Object::as_reference);
    let Object::Dictionary(mut parents) = increment.get(tree, "ParentTree")? else { return Ok(()) };
    let changed = if parents.contains("Kids") {
        let leaf = Dictionary::new()
            .with("Limits", vec![Object::from(key), Object::from(key)])
            .with("Nums", vec![Object::from(key), element.into()]);
        let leaf = increment.add(Body::Object(leaf.into()))?;
        increment.push(&mut parents, "Kids", leaf.into())?
    } else {
        let changed = increment.push(&mut parents, "Nums", key.into())?;
        increment.push(&mut parents, "Nums", element.into())? || changed
    };
    match own {
        Some(id) if changed => increment.put(id, Body::Object(parents.into())),
        None if changed => tree.set("ParentTree", parents),
        _ => {}
    }
    Ok(())
}
