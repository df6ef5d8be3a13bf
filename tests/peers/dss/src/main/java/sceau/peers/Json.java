package sceau.peers;

import java.util.List;

/** Just enough JSON to write one answer: objects, lists, strings, booleans, null. */
final class Json {

  private final StringBuilder out = new StringBuilder();

  Json open() {
    return separate().append('{');
  }

  Json close() {
    return append('}');
  }

  Json openList() {
    return separate().append('[');
  }

  Json closeList() {
    return append(']');
  }

  Json key(String name) {
    return separate().quote(name).append(':');
  }

  /** A value by its {@code toString}, or null. */
  Json field(String name, Object value) {
    key(name);
    if (value == null) {
      out.append("null");
      return this;
    }
    return quote(value.toString());
  }

  Json flag(String name, boolean value) {
    key(name);
    out.append(value);
    return this;
  }

  Json list(String name, List<String> values) {
    key(name).append('[');
    for (String value : values) {
      separate().quote(value);
    }
    return append(']');
  }

  @Override
  public String toString() {
    return out.toString();
  }

  private Json separate() {
    int last = out.length() - 1;
    if (last >= 0 && "{[:,".indexOf(out.charAt(last)) < 0) {
      out.append(',');
    }
    return this;
  }

  private Json quote(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || Character.isSurrogate(c)) {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    return append('"');
  }

  private Json append(char c) {
    out.append(c);
    return this;
  }
}
