package sceau.peers;

import eu.europa.esig.dss.diagnostic.DiagnosticData;
import eu.europa.esig.dss.diagnostic.PDFRevisionWrapper;
import eu.europa.esig.dss.diagnostic.SignatureWrapper;
import eu.europa.esig.dss.diagnostic.TimestampWrapper;
import eu.europa.esig.dss.enumerations.TokenExtractionStrategy;
import eu.europa.esig.dss.jaxb.object.Message;
import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.model.policy.ValidationPolicy;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import eu.europa.esig.dss.validation.policy.ValidationPolicyLoader;
import eu.europa.esig.dss.validation.reports.Reports;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/**
 * Judges PDFs with EU DSS: one question a line on stdin, one JSON answer a line on stdout.
 *
 * <p>Question: {@code file TAB anchors.pem TAB policy}, where policy is {@code strict} (the default
 * validation policy of DSS, unchanged) or {@code no-revocation} (the same, but absent revocation
 * data is no fault: for certificates that name no place to ask). Nothing is fetched from anywhere.
 */
public final class Judge {

  private final ValidationPolicy strict;
  private final ValidationPolicy noRevocation;

  private Judge() throws IOException {
    String policy;
    try (InputStream in = Judge.class.getResourceAsStream("/policy/constraint.xml")) {
      policy = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    strict = load(policy);
    noRevocation =
        load(
            policy
                .replaceAll("<RevocationDataAvailable Level=\"\\w+\"", "<RevocationDataAvailable Level=\"IGNORE\"")
                .replaceAll("<AcceptableRevocationDataFound Level=\"\\w+\"", "<AcceptableRevocationDataFound Level=\"IGNORE\""));
  }

  public static void main(String[] args) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    Judge judge = new Judge();
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      out.println(judge.answer(line.split("\t", -1)));
    }
  }

  private String answer(String[] question) {
    Json json = new Json().open();
    json.field("file", question[0]);
    try {
      describe(json, validate(question[0], question[1], question[2]));
      json.field("error", null);
    } catch (Exception | StackOverflowError | OutOfMemoryError e) {
      json.field("error", e.toString()).key("signatures").openList().closeList();
    }
    return json.close().toString();
  }

  private Reports validate(String file, String anchors, String policy) throws Exception {
    SignedDocumentValidator validator = SignedDocumentValidator.fromDocument(new FileDocument(file));
    validator.setCertificateVerifier(verifier(anchors));
    validator.setTokenExtractionStrategy(TokenExtractionStrategy.NONE);
    return validator.validateDocument(policy.equals("strict") ? strict : noRevocation);
  }

  private static CommonCertificateVerifier verifier(String anchors) throws Exception {
    CommonTrustedCertificateSource trusted = new CommonTrustedCertificateSource();
    try (InputStream in = new FileInputStream(anchors)) {
      for (Object certificate : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        trusted.addCertificate(DSSUtils.loadCertificate(((X509Certificate) certificate).getEncoded()));
      }
    }
    CommonCertificateVerifier verifier = new CommonCertificateVerifier(true);
    verifier.setTrustedCertSources(trusted);
    return verifier;
  }

  private static void describe(Json json, Reports reports) {
    SimpleReport simple = reports.getSimpleReport();
    DiagnosticData data = reports.getDiagnosticData();
    json.key("signatures").openList();
    for (SignatureWrapper signature : data.getSignatures()) {
      json.open();
      signature(json, simple, signature);
      revision(json, signature.getPDFRevision());
      timestamps(json, simple, signature);
      json.close();
    }
    json.closeList();
  }

  private static void signature(Json json, SimpleReport simple, SignatureWrapper signature) {
    String id = signature.getId();
    json.field("indication", simple.getIndication(id));
    json.field("sub_indication", simple.getSubIndication(id));
    json.field("level", simple.getSignatureFormat(id));
    json.field("signed_by", simple.getSignedBy(id));
    if (signature.getSigningCertificate() != null) {
      json.field("subject", signature.getSigningCertificate().getCertificateDN());
      json.field("organization_identifier", signature.getSigningCertificate().getOrganizationIdentifier());
    }
    json.field("digest_algorithm", signature.getDigestAlgorithm());
    json.field("encryption_algorithm", signature.getEncryptionAlgorithm());
    json.list("claimed_roles", signature.getSignerRoleDetails(signature.getClaimedRoles()));
    json.list("errors", texts(simple.getAdESValidationErrors(id)));
    json.list("warnings", texts(simple.getAdESValidationWarnings(id)));
    json.list("structure", signature.getStructuralValidationMessages());
  }

  private static void revision(Json json, PDFRevisionWrapper revision) {
    if (revision == null) {
      return;
    }
    json.field("field", revision.getFirstFieldName());
    json.field("sub_filter", revision.getSubFilter());
    json.field("reason", revision.getReason());
    json.flag("modified", revision.arePdfObjectModificationsDetected());
  }

  private static void timestamps(Json json, SimpleReport simple, SignatureWrapper signature) {
    json.key("timestamps").openList();
    for (TimestampWrapper timestamp : signature.getTimestampList()) {
      json.open();
      json.field("type", timestamp.getType());
      json.field("indication", simple.getIndication(timestamp.getId()));
      json.field("sub_indication", simple.getSubIndication(timestamp.getId()));
      json.field("produced_by", simple.getProducedBy(timestamp.getId()));
      json.flag("intact", timestamp.isSignatureIntact() && timestamp.isMessageImprintDataIntact());
      json.list("errors", texts(simple.getAdESValidationErrors(timestamp.getId())));
      json.close();
    }
    json.closeList();
  }

  private static List<String> texts(List<Message> messages) {
    List<String> texts = new ArrayList<>();
    for (Message message : messages) {
      texts.add(message.getKey() + ": " + message.getValue());
    }
    return texts;
  }

  private static ValidationPolicy load(String policy) {
    byte[] bytes = policy.getBytes(StandardCharsets.UTF_8);
    return ValidationPolicyLoader.fromValidationPolicy(new ByteArrayInputStream(bytes)).create();
  }
}
