import eu.europa.esig.validationreport.ValidationReportFacade;
import eu.europa.esig.validationreport.jaxb.SignatureValidationReportType;
import eu.europa.esig.validationreport.jaxb.ValidationReportType;
import java.io.File;

/**
 * Reads validation reports as EU DSS does, which validates them against the schema of ETSI TS 119 102-2,
 * and prints the main indications of the signatures of each, a line a file. Run as a source file with DSS
 * on the class path.
 */
public final class Report {
  public static void main(String[] args) throws Exception {
    for (String file : args) {
      ValidationReportType report =
          ValidationReportFacade.newFacade().unmarshall(new File(file), true);
      StringBuilder line = new StringBuilder();
      for (SignatureValidationReportType one : report.getSignatureValidationReport()) {
        line.append(one.getSignatureValidationStatus().getMainIndication()).append(' ');
      }
      System.out.println(line.toString().trim());
    }
  }
}
