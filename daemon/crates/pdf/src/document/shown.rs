//! The page as it is shown: cut to its crop box and turned by its rotation (ISO 32000-2, 7.7.3.3).
//! Rectangles as shown are `[x, y, width, height]` in points, from the upper left corner.

use super::Page;

impl Page {
    /// The width and height of the page as shown.
    pub(crate) fn size_shown(&self) -> (f64, f64) {
        let [x0, y0, x1, y1] = self.crop_box;
        if self.rotate % 180 == 90 { (y1 - y0, x1 - x0) } else { (x1 - x0, y1 - y0) }
    }

    /// A rectangle of the page as shown, in the page's own space.
    pub(crate) fn to_user_space(&self, [x, y, width, height]: [f64; 4]) -> [f64; 4] {
        let [x0, y0, x1, y1] = self.crop_box;
        match self.rotate {
            90 => [x0 + y, y0 + x, x0 + y + height, y0 + x + width],
            180 => [x1 - x - width, y0 + y, x1 - x, y0 + y + height],
            270 => [x1 - y - height, y1 - x - width, x1 - y, y1 - x],
            _ => [x0 + x, y1 - y - height, x0 + x + width, y1 - y],
        }
    }

    /// The same the other way.
    pub(crate) fn as_shown(&self, [ax, ay, bx, by]: [f64; 4]) -> [f64; 4] {
        let [x0, y0, x1, y1] = self.crop_box;
        match self.rotate {
            90 => [ay - y0, ax - x0, by - ay, bx - ax],
            180 => [x1 - bx, ay - y0, bx - ax, by - ay],
            270 => [y1 - by, x1 - bx, by - ay, bx - ax],
            _ => [ax - x0, y1 - by, bx - ax, by - ay],
        }
    }

    /// What stands upright as shown, turned back by the rotation: the first four numbers of a matrix.
    pub(crate) fn upright(&self) -> [f64; 4] {
        match self.rotate {
            90 => [0.0, 1.0, -1.0, 0.0],
            180 => [-1.0, 0.0, 0.0, -1.0],
            270 => [0.0, -1.0, 1.0, 0.0],
            _ => [1.0, 0.0, 0.0, 1.0],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Dictionary, Object, ObjectId};

    impl Page {
        /// A page with a margin around what is shown of it, which is shown turned.
        pub(crate) fn turned(rotate: u16) -> Self {
            Self {
                index: 0,
                object: ObjectId::new(1, 0),
                dictionary: Dictionary::new(),
                resources: Object::Null,
                media_box: [0.0, 0.0, 700.0, 900.0],
                crop_box: [50.0, 20.0, 650.0, 820.0],
                rotate,
            }
        }
    }

    #[test]
    fn both_spaces_fit_each_other_whatever_the_rotation() {
        for rotate in [0, 90, 180, 270] {
            let page = Page::turned(rotate);
            let shown = [10.0, 30.0, 120.0, 40.0];
            let user = page.to_user_space(shown);
            assert_eq!(page.as_shown(user), shown, "{rotate}");
            assert!(user[0] >= 50.0 && user[1] >= 20.0 && user[2] <= 650.0 && user[3] <= 820.0);
        }
    }
}
