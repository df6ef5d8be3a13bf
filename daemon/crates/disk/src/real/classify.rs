//! File-system types by the magic numbers of `statfs` (statfs(2), linux/magic.h).

use crate::FsType;

const FUSE: u32 = 0x6573_5546;

const NETWORK: [u32; 14] = [
    0x0000_6969, // NFS
    0x0000_517B, // SMB
    0xFE53_4D42, // SMB2
    0xFF53_4D42, // CIFS
    0x0102_1997, // 9P
    0x00C3_6400, // Ceph
    0x5346_414F, // AFS (OpenAFS)
    0x6B41_4653, // AFS (kernel)
    0x7375_7245, // Coda
    0x0000_564C, // NCP
    0x0116_1970, // GFS2
    0x7461_636F, // OCFS2
    0x0BD0_0BD0, // Lustre
    0x786F_4256, // VirtualBox shared folders
];

/// The low 32 bits of `f_type` are the magic number; some architectures sign-extend it.
pub(super) fn fs_type(f_type: impl TryInto<i64>) -> FsType {
    let Ok(wide) = f_type.try_into() else { return FsType::Local };
    let magic = (wide & 0xFFFF_FFFF) as u32;
    match magic {
        FUSE => FsType::Fuse,
        magic if NETWORK.contains(&magic) => FsType::Network,
        _ => FsType::Local,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_told_from_disks() {
        assert_eq!(fs_type(0x6969_i64), FsType::Network);
        assert_eq!(fs_type(0xFE53_4D42_i64), FsType::Network);
        assert_eq!(fs_type(i64::from(0xFF53_4D42_u32 as i32)), FsType::Network);
        assert_eq!(fs_type(0x6573_5546_i64), FsType::Fuse);
        assert_eq!(fs_type(0xEF53_i64), FsType::Local);
        assert!(FsType::Fuse.is_network() && !FsType::Local.is_network());
    }
}
