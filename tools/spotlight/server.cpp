#include "tools/spotlight/server.h"

#include <microhttpd.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <string_view>

#include "catalog/base/log.h"
#include "tools/cli/print.h"
#include "tools/spotlight/message.h"
#include "tools/spotlight/peer.h"

namespace lensfs {
namespace {

constexpr unsigned kMostConnections = 1024;
constexpr int kMostOfOneUser = 128;  // a client of smbd has one for each share it searches
constexpr unsigned kThreads = 2;
constexpr std::size_t kConnectionBytes = 32 * 1024;
constexpr unsigned kSilence = 10;  // seconds, within a request
constexpr std::chrono::seconds kLongestRequest{30};
constexpr std::size_t kShownOfQuery = 300;

// A connection, and who is at its other end.
struct Connection {
  std::optional<uid_t> user;
  bool is_one_too_many = false;
};

struct Request {
  std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
  std::string body;
  bool is_too_long = false;
};

struct StopDaemon {
  void operator()(MHD_Daemon* daemon) const { ::MHD_stop_daemon(daemon); }
};

Connection* connection_of(MHD_Connection* http) {
  const MHD_ConnectionInfo* const info =
      ::MHD_get_connection_info(http, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  return info == nullptr ? nullptr : static_cast<Connection*>(info->socket_context);
}

std::string_view header(MHD_Connection* http, const char* name) {
  const char* const value = ::MHD_lookup_connection_value(http, MHD_HEADER_KIND, name);
  return value == nullptr ? std::string_view() : value;
}

MHD_Result reply(MHD_Connection* http, unsigned status, std::string text) {
  MHD_Response* const response =
      ::MHD_create_response_from_buffer(text.size(), text.data(), MHD_RESPMEM_MUST_COPY);
  if (response == nullptr) return MHD_NO;
  ::MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json");
  const MHD_Result queued = ::MHD_queue_response(http, status, response);
  ::MHD_destroy_response(response);
  return queued;
}

class Server final : public SpotlightServer {
 public:
  Server(SpotlightSearch& search, const sockaddr_in& address)
      : search_(search), address_(address) {}

  Status listen();
  [[nodiscard]] std::uint16_t port() const override { return ntohs(address_.sin_port); }

  void opened(MHD_Connection* http, void** context);
  void closed(void** context);
  MHD_Result answer(MHD_Connection* http, std::string_view url, std::string_view method,
                    const Request& request);

 private:
  std::string found(const Request& request, uid_t asker);

  SpotlightSearch& search_;
  sockaddr_in address_;
  std::mutex mutex_;                                // guards connections_; rank: leaf
  std::map<uid_t, int> connections_;                // of each user
  std::unique_ptr<MHD_Daemon, StopDaemon> daemon_;  // the last: it ends the threads
};

// --- what libmicrohttpd calls

MHD_Result take_request(void* server, MHD_Connection* http, const char* url, const char* method,
                        const char*, const char* data, std::size_t* size, void** context) {
  auto* const request = static_cast<Request*>(*context);
  if (request == nullptr) {
    ::MHD_set_connection_option(http, MHD_CONNECTION_OPTION_TIMEOUT, kSilence);
    *context = std::make_unique<Request>().release();
    return MHD_YES;
  }
  if (*size == 0) return static_cast<Server*>(server)->answer(http, url, method, *request);
  if (std::chrono::steady_clock::now() - request->began > kLongestRequest) return MHD_NO;
  request->is_too_long = request->is_too_long || request->body.size() + *size > kMostBodyBytes;
  if (!request->is_too_long) request->body.append(data, *size);
  *size = 0;
  return MHD_YES;
}

void finish_request(void*, MHD_Connection* http, void** context, MHD_RequestTerminationCode how) {
  const std::unique_ptr<Request> request(static_cast<Request*>(*context));
  *context = nullptr;
  // smbd keeps the connection for its next question, whenever that comes.
  if (how == MHD_REQUEST_TERMINATED_COMPLETED_OK) {
    ::MHD_set_connection_option(http, MHD_CONNECTION_OPTION_TIMEOUT, 0U);
  }
}

void note_connection(void* server, MHD_Connection* http, void** context,
                     MHD_ConnectionNotificationCode what) {
  if (what == MHD_CONNECTION_NOTIFY_STARTED) {
    static_cast<Server*>(server)->opened(http, context);
  } else {
    static_cast<Server*>(server)->closed(context);
  }
}

// ---

Status Server::listen() {
  const unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD;
  daemon_.reset(::MHD_start_daemon(
      flags, port(), nullptr, nullptr, &take_request, this, MHD_OPTION_SOCK_ADDR, &address_,
      MHD_OPTION_CONNECTION_LIMIT, kMostConnections, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
      kConnectionBytes, MHD_OPTION_THREAD_POOL_SIZE, kThreads, MHD_OPTION_NOTIFY_COMPLETED,
      &finish_request, nullptr, MHD_OPTION_NOTIFY_CONNECTION, &note_connection, this,
      MHD_OPTION_END));
  if (!daemon_) return last_error("listening failed; does something else listen there?");
  const MHD_DaemonInfo* const info =
      ::MHD_get_daemon_info(daemon_.get(), MHD_DAEMON_INFO_BIND_PORT);
  if (info != nullptr) address_.sin_port = htons(info->port);
  return {};
}

void Server::opened(MHD_Connection* http, void** context) {
  auto connection = std::make_unique<Connection>();
  const MHD_ConnectionInfo* const info =
      ::MHD_get_connection_info(http, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  if (info != nullptr && info->client_addr != nullptr && info->client_addr->sa_family == AF_INET) {
    connection->user =
        user_of_peer(*reinterpret_cast<const sockaddr_in*>(info->client_addr), address_);
  }
  if (connection->user) {
    const std::scoped_lock lock(mutex_);
    const int count = ++connections_[*connection->user];
    connection->is_one_too_many = *connection->user != 0 && count > kMostOfOneUser;
    // It is of no use any more: whoever waits with it must not keep it from others.
    if (connection->is_one_too_many) {
      ::MHD_set_connection_option(http, MHD_CONNECTION_OPTION_TIMEOUT, 1U);
    }
  }
  *context = connection.release();
}

void Server::closed(void** context) {
  const std::unique_ptr<Connection> connection(static_cast<Connection*>(*context));
  *context = nullptr;
  if (!connection || !connection->user) return;
  const std::scoped_lock lock(mutex_);
  const auto at = connections_.find(*connection->user);
  if (at != connections_.end() && --at->second == 0) connections_.erase(at);
}

std::string Server::found(const Request& request, uid_t asker) {
  const auto ask = request.is_too_long
                       ? Result<SpotlightAsk>(fail(Errc::invalid, "the question is too long"))
                       : ask_from(request.body);
  const auto paths =
      ask ? search_.find(ask->query, asker) : Result<std::vector<std::string>>(fail(ask.error()));
  if (paths) return answer_to(*ask, *paths);
  const std::string_view query = ask ? std::string_view(ask->query) : std::string_view();
  log::warn("spotlight: nothing is found uid={} why={} query={}", asker,
            shown_text(paths.error().message()), shown_text(query.substr(0, kShownOfQuery)));
  return answer_to({}, {});
}

MHD_Result Server::answer(MHD_Connection* http, std::string_view url, std::string_view method,
                          const Request& request) {
  const Connection* const connection = connection_of(http);
  if (connection == nullptr || !connection->user || connection->is_one_too_many) {
    return reply(http, MHD_HTTP_FORBIDDEN, R"({"error":"nobody is known to ask"})");
  }
  // A page that a browser of this machine shows must not ask for the one who looks at it.
  if (!header(http, "Origin").empty()) {
    return reply(http, MHD_HTTP_FORBIDDEN, R"({"error":"not for browsers"})");
  }
  if (method == MHD_HTTP_METHOD_GET && url == "/") {
    std::vector<std::string> drives;
    for (const MountedDrive& drive : search_.drives()) drives.push_back(drive.mountpoint);
    return reply(http, MHD_HTTP_OK, drives_text(drives));
  }
  if (method != MHD_HTTP_METHOD_POST || !url.ends_with("/_search")) {
    return reply(http, MHD_HTTP_NOT_FOUND, R"({"error":"only searches are answered"})");
  }
  return reply(http, MHD_HTTP_OK, found(request, *connection->user));
}

}  // namespace

Result<std::unique_ptr<SpotlightServer>> SpotlightServer::start(SpotlightSearch& search,
                                                                const sockaddr_in& address) {
  auto server = std::make_unique<Server>(search, address);
  LENSFS_CHECK(server->listen());
  return server;
}

}  // namespace lensfs
