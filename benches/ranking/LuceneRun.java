import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.store.Directory;

/**
 * What Lucene's BM25 ranks for a set of questions: title and body as one field, its English analyser, any of the words.
 * Arguments: articles as JSON Lines, questions as id TAB text, k1, b. Prints a TREC run of 1,000 articles a question.
 */
public class LuceneRun {
  public static void main(String[] arguments) throws IOException {
    Path articles = Path.of(arguments[0]);
    Path questions = Path.of(arguments[1]);
    BM25Similarity bm25 = new BM25Similarity(Float.parseFloat(arguments[2]), Float.parseFloat(arguments[3]));
    IndexSearcher.setMaxClauseCount(65_536);
    Analyzer analyzer = new EnglishAnalyzer();
    try (Directory directory = new ByteBuffersDirectory()) {
      IndexWriterConfig config = new IndexWriterConfig(analyzer).setSimilarity(bm25);
      try (IndexWriter writer = new IndexWriter(directory, config)) {
        for (String line : Files.readAllLines(articles)) {
          JsonObject article = JsonParser.parseString(line).getAsJsonObject();
          Document document = new Document();
          document.add(new StringField("id", text(article, "id"), Field.Store.YES));
          document.add(new TextField("text", text(article, "title") + "\n" + text(article, "body"), Field.Store.NO));
          writer.addDocument(document);
        }
        writer.forceMerge(1);
      }
      try (DirectoryReader reader = DirectoryReader.open(directory)) {
        IndexSearcher searcher = new IndexSearcher(reader);
        searcher.setSimilarity(bm25);
        PrintStream out = new PrintStream(System.out, false, "UTF-8");
        for (String line : Files.readAllLines(questions)) {
          if (line.isBlank()) continue;
          String[] parts = line.split("\t", 2);
          int rank = 0;
          for (ScoreDoc hit : searcher.search(anyWord(analyzer, parts[1]), 1000).scoreDocs) {
            rank++;
            String id = searcher.storedFields().document(hit.doc).get("id");
            out.printf(Locale.ROOT, "%s Q0 %s %d %.6f lucene%n", parts[0], id, rank, hit.score);
          }
        }
        out.flush();
      }
    }
  }

  private static String text(JsonObject article, String key) {
    return article.has(key) && !article.get(key).isJsonNull() ? article.get(key).getAsString() : "";
  }

  private static BooleanQuery anyWord(Analyzer analyzer, String text) throws IOException {
    BooleanQuery.Builder query = new BooleanQuery.Builder();
    try (TokenStream words = analyzer.tokenStream("text", text)) {
      CharTermAttribute word = words.addAttribute(CharTermAttribute.class);
      words.reset();
      while (words.incrementToken()) {
        query.add(new TermQuery(new Term("text", word.toString())), BooleanClause.Occur.SHOULD);
      }
      words.end();
    }
    return query.build();
  }
}
