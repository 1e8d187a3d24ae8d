// SPDX-License-Identifier: Apache-2.0
// Whole sessions by java.net.http, which offers h2c on plain connections: java Session.java URL…
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

public class Session {
	static HttpClient client;
	static int n;

	/** The certificate is the test's own. */
	static SSLContext trusting() throws Exception {
		SSLContext context = SSLContext.getInstance("TLS");
		context.init(null, new TrustManager[] { new X509TrustManager() {
			public void checkClientTrusted(X509Certificate[] chain, String type) { }
			public void checkServerTrusted(X509Certificate[] chain, String type) { }
			public X509Certificate[] getAcceptedIssuers() { return new X509Certificate[0]; }
		} }, null);
		return context;
	}

	/** With a length, or in chunks. */
	static BodyPublisher body(String text, boolean chunked) {
		return chunked ? BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(text.getBytes())) : BodyPublishers.ofString(text);
	}

	static String exchange(HttpRequest.Builder request, String holds) throws Exception {
		var answer = client.send(request.timeout(Duration.ofSeconds(20)).build(), BodyHandlers.ofString());
		if (answer.statusCode() != 200 || !answer.body().contains(holds))
			throw new Exception(answer.statusCode() + " " + answer.body() + " in place of " + holds);
		return answer.body();
	}

	static String post(String url, String json, boolean chunked, String holds) throws Exception {
		return exchange(HttpRequest.newBuilder(URI.create(url)).header("Content-Type", "application/json")
			.POST(body(json, chunked)), holds);
	}

	static String transaction() {
		return "\"transaction\":\"t" + ++n + "\"";
	}

	static String id(String answer) {
		Matcher m = Pattern.compile("\"id\":\\s*(\\d+)").matcher(answer);
		m.find();
		return m.group(1);
	}

	static void poll(String url, boolean chunked) throws Exception {
		String session = url + "/" + id(post(url, "{\"janus\":\"create\"," + transaction() + "}", chunked, "success"));
		String handle = session + "/" + id(post(session, "{\"janus\":\"attach\",\"plugin\":\"janus.plugin.echotest\","
			+ transaction() + "}", chunked, "success"));
		post(handle, "{\"janus\":\"message\",\"body\":{\"audio\":true}," + transaction() + "}", chunked, "ack");
		exchange(HttpRequest.newBuilder(URI.create(session + "?maxev=5")).GET(), "\"result\":\"ok\"");
		post(session, "{\"janus\":\"destroy\"," + transaction() + "}", chunked, "success");
	}

	/** Messages of a WebSocket, whole. */
	static class Inbox implements WebSocket.Listener {
		final LinkedBlockingQueue<String> messages = new LinkedBlockingQueue<>();
		final StringBuilder part = new StringBuilder();

		@Override public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
			part.append(data);
			if (last) {
				messages.add(part.toString());
				part.setLength(0);
			}
			socket.request(1);
			return null;
		}
	}

	static String ask(WebSocket socket, Inbox inbox, String json, String holds) throws Exception {
		socket.sendText(json, true).join();
		String answer;
		do {
			answer = inbox.messages.poll(20, TimeUnit.SECONDS);
		} while (answer != null && !answer.contains(holds));
		if (answer == null)
			throw new Exception("no " + holds);
		return answer;
	}

	static void socket(String url) throws Exception {
		Inbox inbox = new Inbox();
		WebSocket socket = client.newWebSocketBuilder().subprotocols("janus-protocol")
			.buildAsync(URI.create(url.replaceFirst("http", "ws")), inbox).join();
		String session = ",\"session_id\":" + id(ask(socket, inbox, "{\"janus\":\"create\"," + transaction() + "}", "success"));
		String handle = session + ",\"handle_id\":" + id(ask(socket, inbox,
			"{\"janus\":\"attach\",\"plugin\":\"janus.plugin.echotest\"," + transaction() + session + "}", "success"));
		ask(socket, inbox, "{\"janus\":\"message\",\"body\":{\"audio\":true}," + transaction() + handle + "}", "\"result\":\"ok\"");
		ask(socket, inbox, "{\"janus\":\"destroy\"," + transaction() + session + "}", "success");
		socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
	}

	public static void main(String[] urls) throws Exception {
		client = HttpClient.newBuilder().sslContext(trusting()).connectTimeout(Duration.ofSeconds(10)).build();
		for (String url : urls) {
			poll(url, false);
			poll(url, true);
			socket(url);
		}
		System.out.println("right");
		System.exit(0);
	}
}
