package sceau.peers;

import eu.europa.esig.dss.diagnostic.CertificateRevocationWrapper;
import eu.europa.esig.dss.diagnostic.CertificateWrapper;
import eu.europa.esig.dss.diagnostic.DiagnosticData;
import eu.europa.esig.dss.diagnostic.SignatureWrapper;
import eu.europa.esig.dss.diagnostic.TimestampWrapper;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.service.crl.OnlineCRLSource;
import eu.europa.esig.dss.service.ocsp.OnlineOCSPSource;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.spi.x509.aia.DefaultAIASource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import eu.europa.esig.dss.validation.reports.Reports;

import java.io.FileInputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/**
 * Judges one PDF as a recipient's machine does: EU DSS by its default policy, which fetches what the
 * certificates point at.
 *
 * <p>{@code FILE.pdf ANCHORS.pem ocsp|crl}: whether it asks by OCSP where a certificate says so, or for
 * lists only; issuers' certificates are fetched in any case. Prints one JSON object: the verdicts over the signature and its
 * timestamp, and for each of their certificates where its status was had, and what it is.
 */
public final class Online {

  public static void main(String[] args) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    SignedDocumentValidator validator =
        SignedDocumentValidator.fromDocument(new FileDocument(args[0]));
    validator.setCertificateVerifier(verifier(args[1], args[2]));
    Reports reports = validator.validateDocument();
    out.println(answer(reports.getSimpleReport(), reports.getDiagnosticData()));
  }

  private static CommonCertificateVerifier verifier(String anchors, String kind) throws Exception {
    CommonTrustedCertificateSource trusted = new CommonTrustedCertificateSource();
    try (InputStream in = new FileInputStream(anchors)) {
      for (Object one : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        trusted.addCertificate(DSSUtils.loadCertificate(((X509Certificate) one).getEncoded()));
      }
    }
    CommonCertificateVerifier verifier = new CommonCertificateVerifier();
    verifier.setTrustedCertSources(trusted);
    verifier.setAIASource(new DefaultAIASource());
    verifier.setOcspSource(kind.equals("ocsp") ? new OnlineOCSPSource() : null);
    verifier.setCrlSource(new OnlineCRLSource());
    return verifier;
  }

  private static String answer(SimpleReport simple, DiagnosticData data) {
    SignatureWrapper signature = data.getSignatures().get(0);
    TimestampWrapper stamp = signature.getTimestampList().get(0);
    String seal = judged(simple, signature.getId(), signature.getCertificateChain());
    return "{\"signature\":"
        + seal
        + ",\"timestamp\":"
        + judged(simple, stamp.getId(), stamp.getCertificateChain())
        + "}";
  }

  private static String judged(SimpleReport simple, String id, List<CertificateWrapper> chain) {
    List<String> told = new ArrayList<>();
    for (CertificateWrapper certificate : chain) {
      for (CertificateRevocationWrapper one : certificate.getCertificateRevocationData()) {
        told.add(
            object(
                "subject", certificate.getCommonName(),
                "type", one.getRevocationType(),
                "origin", one.getOrigin(),
                "url", one.getSourceAddress(),
                "status", one.getStatus(),
                "reason", one.getReason()));
      }
    }
    String verdict =
        object(
            "indication", simple.getIndication(id),
            "sub_indication", simple.getSubIndication(id),
            "errors", simple.getAdESValidationErrors(id).stream().map(e -> e.getValue()).toList());
    return verdict.substring(0, verdict.length() - 1)
        + ",\"revocation\":["
        + String.join(",", told)
        + "]}";
  }

  private static String object(Object... pairs) {
    List<String> members = new ArrayList<>();
    for (int at = 0; at < pairs.length; at += 2) {
      members.add(text(pairs[at]) + ":" + text(pairs[at + 1]));
    }
    return "{" + String.join(",", members) + "}";
  }

  private static String text(Object value) {
    if (value == null) {
      return "null";
    }
    String plain = value.toString().replace("\\", "\\\\").replace("\"", "\\\"");
    return "\"" + plain.replaceAll("\\p{Cntrl}", " ") + "\"";
  }
}
