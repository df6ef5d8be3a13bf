import java.io.File;
import java.io.FileOutputStream;
import java.util.Map;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.pdmodel.interactive.form.PDCheckBox;

/**
 * Fills the form of the tests with PDFBox, in an incremental revision: {@code Filler IN OUT}, in pairs. The
 * values are those of {@code fillers.py}.
 */
public final class Filler {
  private static final Map<String, String> TEXTS = Map.of(
      "Nom", "Élodie Lefèvre, née Noël",
      "Siret", "73282932000074",
      "Date", "12/03/2026",
      "Forme", "Société civile");

  public static void main(String[] arguments) throws Exception {
    for (int at = 0; at + 1 < arguments.length; at += 2) {
      fill(new File(arguments[at]), new File(arguments[at + 1]));
    }
  }

  private static void fill(File source, File target) throws Exception {
    try (var document = Loader.loadPDF(source); var out = new FileOutputStream(target)) {
      var form = document.getDocumentCatalog().getAcroForm(null);
      for (var entry : TEXTS.entrySet()) {
        form.getField(entry.getKey()).setValue(entry.getValue());
      }
      ((PDCheckBox) form.getField("Accord")).check();
      document.saveIncremental(out);
    }
  }
}
