package sceau.peers;

import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.logging.LogManager;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.ValidationResult;
import org.verapdf.pdfa.validation.profiles.RuleId;

/**
 * Judges PDFs with veraPDF: one question a line on stdin, one JSON answer a line on stdout.
 *
 * <p>Question: {@code file TAB flavour}, where flavour is {@code 1b}, {@code 2a}, {@code ua1} and so
 * on. The answer tells whether the file conforms, and each rule that it breaks with how often.
 */
public final class Conformance {

  private Conformance() {}

  public static void main(String[] args) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    LogManager.getLogManager().reset();
    VeraGreenfieldFoundryProvider.initialise();
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] question = line.split("\t", -1);
      out.println(answer(question[0], PDFAFlavour.fromString(question[1])));
    }
  }

  private static String answer(String file, PDFAFlavour flavour) {
    try {
      ValidationResult result = validate(file, flavour);
      return "{\"error\":null,\"conforms\":" + result.isCompliant() + ",\"broken\":" + broken(result) + "}";
    } catch (Exception | StackOverflowError | OutOfMemoryError e) {
      return "{\"error\":" + quoted(e.toString()) + ",\"conforms\":false,\"broken\":{}}";
    }
  }

  private static ValidationResult validate(String file, PDFAFlavour flavour) throws Exception {
    try (InputStream in = new FileInputStream(file);
        PDFAParser parser = Foundries.defaultInstance().createParser(in, flavour);
        PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, false)) {
      return validator.validate(parser);
    }
  }

  private static String broken(ValidationResult result) {
    Map<String, Integer> rules = new TreeMap<>();
    for (Map.Entry<RuleId, Integer> failed : result.getFailedChecks().entrySet()) {
      rules.put(failed.getKey().getClause() + "-" + failed.getKey().getTestNumber(), failed.getValue());
    }
    StringBuilder out = new StringBuilder("{");
    rules.forEach((rule, count) -> out.append(out.length() > 1 ? "," : "").append(quoted(rule)).append(':').append(count));
    return out.append('}').toString();
  }

  private static String quoted(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      out.append(c < ' ' || c == '"' || c == '\\' ? String.format("\\u%04x", (int) c) : c);
    }
    return out.append('"').toString();
  }
}
