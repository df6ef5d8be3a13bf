//! The CPU time of one B-B seal with P-256 beside the bare work (read, SHA-256, sign, write, fsync,
//! rename) and beside pyHanko's library; then, apart, what the check of the output takes, and the whole
//! program `sceau sign` with its start, its PKCS#12 file and that check. `tests/bench.sh` runs it;
//! figures are medians, in the time that the kernel counts for this thread (for `sceau sign` the mean of
//! what it counts for that process). Bare work and seals take turns. It fails at its end where a seal costs
//! more than was promised.
//!
//!     cargo run --release -p sceau-pades --example seal_cost -- FOLDER [PYTHON]
//!
//! PYTHON is an interpreter that has pyHanko; SCEAU_BIN names the program, whose key needs the peers of
//! `tests/peers/install.sh python`. Without them those columns stay empty.

#![allow(clippy::unwrap_used, clippy::print_stdout)]
#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "it measures files")]

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use sceau_pades::{
    BUFFER_LEN, HashedPrefix, Level, SealRequest, ValidationOptions, begin_hashed, validate,
};
use sceau_pdf::ByteSource;
use sceau_pki::testing::TestPki;
use sceau_pki::{Certificate, DigestAlgorithm, Hasher, SignatureAlgorithm};
use sceau_tests::bench::Aims;
use sceau_tests::tsa::ForeignPki;

const ALGORITHM: SignatureAlgorithm = SignatureAlgorithm::EcdsaP256Sha256;

struct FileSource(File, u64);

impl ByteSource for FileSource {
    fn len(&self) -> u64 {
        self.1
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<()> {
        self.0.read_exact_at(buf, offset)
    }
}

struct Site {
    folder: PathBuf,
    python: Option<PathBuf>,
    /// The program, and a PKI with a PKCS#12 file for it.
    program: Option<(PathBuf, ForeignPki)>,
    pki: TestPki,
    chain: Vec<Certificate>,
}

/// The most that a seal may cost, in bare costs: of documents by their size, and of many objects.
const MOST: f64 = 1.5;
const MOST_OF_MANY: f64 = 2.5;

fn main() -> ExitCode {
    let folder = std::env::args().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let python = std::env::args().nth(2).map(PathBuf::from);
    let program = std::env::var_os("SCEAU_BIN").map(|path| (path.into(), ForeignPki::start().0));
    let pki = TestPki::generate(ALGORITHM);
    let chain = pki.seal_chain()[..2].to_vec();
    let site = Site { folder, python, program, pki, chain };
    let mut aims = Aims::default();
    println!(
        "| document | bare, ms | seal, ms | ÷ bare | pyHanko, ms | ÷ bare | check, ms | ÷ bare | sceau sign, ms | ÷ bare |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for (name, len) in
        [("50 KB", 50_000), ("1 MB", 1_000_000), ("10 MB", 10_000_000), ("100 MB", 100_000_000)]
    {
        let rounds = if len > 20_000_000 { 9 } else { 101 };
        for (form, streams) in [("classic xref", false), ("xref stream", true)] {
            let name = format!("{name}, {form}");
            let ratio = site.row(&name, &padded(len, streams), rounds);
            aims.at_most(format!("seal ÷ bare: {name}"), ratio, MOST);
        }
    }
    let name = "10,000 pages, 320,000 objects";
    let ratio = site.row(name, &pages(10_000, 320_000), 11);
    aims.at_most(format!("seal ÷ bare: {name}"), ratio, MOST_OF_MANY);
    println!("\n{aims}");
    if aims.are_met() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

impl Site {
    /// Prints the figures of one document; gives back what a seal costs, in bare costs.
    fn row(&self, name: &str, document: &[u8], rounds: usize) -> f64 {
        let input = self.folder.join("seal-cost-in.pdf");
        fs::write(&input, document).unwrap();
        let (bare, seal) = medians(rounds, || self.bare(&input), || self.seal(&input));
        let beside = |time: Option<f64>| {
            let cell = |time| format!("{time:.2} | {:.2}", time / bare);
            time.map_or_else(|| " | ".to_owned(), cell)
        };
        let (pyhanko, check) = (beside(self.pyhanko(&input)), beside(Some(self.check(rounds))));
        let program = beside(self.program(&input, rounds));
        println!(
            "| {name} | {bare:.2} | {seal:.2} | **{:.2}** | {pyhanko} | {check} | {program} |",
            seal / bare
        );
        fs::remove_file(&input).unwrap();
        seal / bare
    }

    /// The check of the output before delivery, of the last seal.
    fn check(&self, rounds: usize) -> f64 {
        let options = ValidationOptions::new(self.pki.anchors(), TestPki::now());
        let mut work = || {
            let sealed = FileSource::open(&self.folder.join("seal-cost.pdf"));
            let report = validate(&sealed, &options).unwrap();
            assert!(report.signatures[0].verdict.passed());
        };
        let mut times: Vec<f64> = (0..rounds.min(21)).map(|_| time(&mut work)).collect();
        middle(&mut times)
    }

    /// `sceau sign` from its start to its end.
    fn program(&self, input: &Path, rounds: usize) -> Option<f64> {
        let (program, pki) = self.program.as_ref()?;
        let (output, rounds) = (self.folder.join("seal-cost-out.pdf"), rounds.min(21));
        let before = children_cpu();
        for _ in 0..rounds {
            let mut sign = Command::new(program);
            sign.arg("sign").arg(input).arg(&output).arg("--p12").arg(pki.p12());
            sign.arg("--password-file").arg(pki.path("password")).args(["--level", "B-B"]);
            assert!(sign.stdout(Stdio::null()).status().unwrap().success());
            fs::remove_file(&output).unwrap();
        }
        Some((children_cpu() - before) / rounds as f64)
    }

    /// Its library's computing time in milliseconds, keys loaded.
    fn pyhanko(&self, input: &Path) -> Option<f64> {
        let mut python = Command::new(self.python.as_ref()?);
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/peers");
        python.arg(script.join("pyhanko_bench.py")).arg(input).args(["5", "p256"]);
        let said = python.arg(&self.folder).arg("B-B").output().unwrap();
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        let said: serde_json::Value = serde_json::from_slice(&said.stdout).unwrap();
        let mut times: Vec<f64> =
            said["cpu"].as_array()?.iter().filter_map(serde_json::Value::as_f64).collect();
        Some(middle(&mut times) * 1e3)
    }

    fn bare(&self, input: &Path) {
        let (mut hasher, mut output) = (Hasher::new(DigestAlgorithm::Sha256), self.output());
        copy(&FileSource::open(input), &mut hasher, &mut output);
        let digest = hasher.finish();
        let signature = self.pki.seal.key.sign(&digest);
        output.write_all(&[&signature[..], &[b'0'; 8192]].concat()).unwrap();
        self.publish(&output);
    }

    fn seal(&self, input: &Path) {
        let source = FileSource::open(input);
        let (mut hasher, mut output) = (Hasher::new(DigestAlgorithm::Sha256), self.output());
        copy(&source, &mut hasher, &mut output);
        let request = SealRequest::new(&self.chain, ALGORITHM, Level::B, TestPki::now());
        let prefix = HashedPrefix { len: source.len(), hasher };
        let session = begin_hashed(&source, &request, prefix).unwrap();
        let signature = self.pki.seal.key.sign(session.to_be_signed());
        let sealed = session.unverified(signature).without_timestamp().unwrap();
        output.write_all(&sealed.revision.tail).unwrap();
        self.publish(&output);
    }

    fn output(&self) -> File {
        File::create(self.folder.join("seal-cost.tmp")).unwrap()
    }

    fn publish(&self, output: &File) {
        output.sync_all().unwrap();
        fs::rename(self.folder.join("seal-cost.tmp"), self.folder.join("seal-cost.pdf")).unwrap();
    }
}

impl FileSource {
    fn open(path: &Path) -> Self {
        let file = File::open(path).unwrap();
        let len = file.metadata().unwrap().len();
        Self(file, len)
    }
}

/// One pass hashes and copies.
fn copy(source: &FileSource, hasher: &mut Hasher, output: &mut File) {
    let mut buffer = vec![0; BUFFER_LEN];
    let mut at = 0;
    while at < source.len() {
        let n = (source.len() - at).min(BUFFER_LEN as u64) as usize;
        source.read_at(at, &mut buffer[..n]).unwrap();
        hasher.update(&buffer[..n]);
        output.write_all(&buffer[..n]).unwrap();
        at += n as u64;
    }
}

/// Of both, in milliseconds of CPU.
fn medians(rounds: usize, mut bare: impl FnMut(), mut seal: impl FnMut()) -> (f64, f64) {
    let (mut bares, mut seals) = (Vec::new(), Vec::new());
    bare();
    seal();
    for _ in 0..rounds {
        bares.push(time(&mut bare));
        seals.push(time(&mut seal));
    }
    (middle(&mut bares), middle(&mut seals))
}

fn time(work: &mut impl FnMut()) -> f64 {
    let before = cpu();
    work();
    cpu() - before
}

fn middle(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// What this thread has had of the CPU, in milliseconds. The kernel counts when it looks at the thread: at
/// its ticks, and when the thread steps back.
fn cpu() -> f64 {
    std::thread::yield_now();
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e6
}

/// What the children that have ended have had of the CPU, in milliseconds; the kernel rounds their sum
/// only, to hundredths of a second (`USER_HZ`).
fn children_cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    // The name of the program, in parentheses, may hold anything; fields 16 and 17 are cutime, cstime.
    let fields = stat.rsplit_once(')').unwrap().1.split_whitespace();
    fields.skip(13).take(2).map(|ticks| ticks.parse::<f64>().unwrap() * 10.0).sum()
}

/// A small document with a stream of noise.
fn padded(len: usize, streams: bool) -> Vec<u8> {
    let noise: Vec<u8> =
        (0..len as u64).map(|n| (n.wrapping_mul(0x9e37_79b9) >> 13) as u8).collect();
    let stream =
        [format!("<< /Length {len} >>\nstream\n").as_bytes(), &noise, b"\nendstream"].concat();
    let fixed = [
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>".to_vec(),
        stream,
    ];
    document(fixed.into_iter(), streams)
}

fn pages(pages: usize, objects: usize) -> Vec<u8> {
    let kids: Vec<String> = (0..pages).map(|page| format!("{} 0 R", page + 3)).collect();
    let tree = format!("<< /Type /Pages /Count {pages} /Kids [{}] >>", kids.join(" "));
    let page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>".to_vec();
    let other = |n: usize| {
        format!("<< /A {n} /B [1 2 3 4 5 6 7 8] /C (an object of no use, {n}) >>").into_bytes()
    };
    let head = [b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(), tree.into_bytes()];
    let rest = (0..objects - pages).map(other);
    document(head.into_iter().chain(std::iter::repeat_n(page, pages)).chain(rest), false)
}

fn document(objects: impl Iterator<Item = Vec<u8>>, streams: bool) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut offsets = vec![0];
    for object in objects {
        offsets.push(file.len());
        file.extend(format!("{} 0 obj\n", offsets.len() - 1).bytes());
        file.extend(object);
        file.extend(b"\nendobj\n");
    }
    let (start, size) = (file.len(), offsets.len());
    if streams {
        let rows: Vec<u8> = offsets
            .iter()
            .flat_map(|offset| [&[1], &(*offset as u32).to_be_bytes()[..], &[0]].concat())
            .collect();
        let keys =
            format!("/Type /XRef /W [1 4 1] /Size {size} /Root 1 0 R /Length {}", rows.len());
        file.extend(format!("{size} 0 obj\n<< {keys} >>\nstream\n").bytes());
        file.extend(rows);
        file.extend(b"\nendstream\nendobj\n");
    } else {
        file.extend(format!("xref\n0 {size}\n0000000000 65535 f \n").bytes());
        offsets[1..].iter().for_each(|at| file.extend(format!("{at:010} 00000 n \n").bytes()));
        file.extend(format!("trailer\n<< /Size {size} /Root 1 0 R >>\n").bytes());
    }
    file.extend(format!("startxref\n{start}\n%%EOF\n").bytes());
    file
}
