package remote

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/retry"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

const (
	defaultDialErrorLimit = 10
	defaultPerDialTimeout = 15 // seconds
	noDialErrorLimit      = -1
)

// Endpoint is one SSH server and how to log in there.
type Endpoint struct {
	Host               *string  `pulumi:"host"`
	Port               *float64 `pulumi:"port,optional"`
	User               *string  `pulumi:"user,optional"`
	Password           *string  `pulumi:"password,optional"`
	PrivateKey         *string  `pulumi:"privateKey,optional"`
	PrivateKeyPassword *string  `pulumi:"privateKeyPassword,optional"`
	AgentSocketPath    *string  `pulumi:"agentSocketPath,optional"`
	HostKey            *string  `pulumi:"hostKey,optional"`
	DialErrorLimit     *int     `pulumi:"dialErrorLimit,optional"`
	PerDialTimeout     *int     `pulumi:"perDialTimeout,optional"`
}

// Annotate describes the fields in the provider's schema.
func (e *Endpoint) Annotate(a infer.Annotator) {
	a.Describe(&e.Host, "The address to connect to.")
	a.Describe(&e.Port, "The port to connect to.")
	a.SetDefault(&e.Port, 22)
	a.Describe(&e.User, "The user to log in as.")
	a.SetDefault(&e.User, "root")
	a.Describe(&e.Password, "The password to log in with.")
	a.Describe(&e.PrivateKey, "The text of the key to log in with. It takes precedence over the password.")
	a.Describe(&e.PrivateKeyPassword, "The password of the key.")
	a.Describe(&e.AgentSocketPath, "The socket of an SSH agent: SSH_AUTH_SOCK by default.")
	a.Describe(&e.HostKey, "The key that the server must have, as in authorized_keys. Without it, any will do.")
	a.Describe(&e.DialErrorLimit, "How many attempts to connect may fail before giving up; -1: any number.")
	a.SetDefault(&e.DialErrorLimit, defaultDialErrorLimit)
	a.Describe(&e.PerDialTimeout, "How many seconds one attempt to connect may take; 0: any number.")
	a.SetDefault(&e.PerDialTimeout, defaultPerDialTimeout)
}

// ProxyConnection is a server on the way to the other machine.
type ProxyConnection struct{ Endpoint }

// Connection is how to reach the other machine.
type Connection struct {
	Endpoint
	Proxy *ProxyConnection `pulumi:"proxy,optional"`
}

// Annotate describes the fields in the provider's schema.
func (c *Connection) Annotate(a infer.Annotator) {
	a.Describe(&c.Proxy, "A server on the way to the other machine.")
}

// dial connects, trying again as often as the connection allows. The second result closes all that
// was opened.
func (c *Connection) dial(ctx context.Context) (*ssh.Client, func(), error) {
	config, err := c.clientConfig()
	if err != nil {
		return nil, nil, err
	}
	dial := func() (*ssh.Client, error) { return ssh.Dial("tcp", c.address(), config) }
	hangUpProxy := func() {}
	if c.Proxy != nil {
		proxyConfig, err := c.Proxy.clientConfig()
		if err != nil {
			return nil, nil, fmt.Errorf("proxy: %w", err)
		}
		proxy, err := persist(ctx, "Dial proxy", c.Proxy.errorLimit(), func() (*ssh.Client, error) {
			return ssh.Dial("tcp", c.Proxy.address(), proxyConfig)
		})
		if err != nil {
			return nil, nil, fmt.Errorf("proxy: %w", err)
		}
		hangUpProxy = func() { _ = proxy.Close() }
		dial = func() (*ssh.Client, error) { return dialThrough(proxy, c.address(), config) }
	}
	client, err := persist(ctx, "Dial", c.errorLimit(), dial)
	if err != nil {
		hangUpProxy()
		return nil, nil, err
	}
	return client, func() { _ = client.Close(); hangUpProxy() }, nil
}

func dialThrough(proxy *ssh.Client, address string, config *ssh.ClientConfig) (*ssh.Client, error) {
	conn, err := proxy.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	client, channels, requests, err := ssh.NewClientConn(conn, address, config)
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return ssh.NewClient(client, channels, requests), nil
}

// persist calls dial until it succeeds, has failed more than limit times, or the context ends.
func persist(
	ctx context.Context, what string, limit int, dial func() (*ssh.Client, error),
) (*ssh.Client, error) {
	var client *ssh.Client
	done, _, err := retry.Until(ctx, retry.Acceptor{Accept: func(try int, _ time.Duration) (bool, any, error) {
		var err error
		if client, err = dial(); err == nil {
			return true, nil, nil
		}
		failures := try + 1
		if limit > noDialErrorLimit && failures > limit {
			return false, nil, fmt.Errorf("after %d failed attempts: %w", failures, err)
		}
		allowed := "inf"
		if limit > noDialErrorLimit {
			allowed = strconv.Itoa(limit)
		}
		p.GetLogger(ctx).InfoStatusf("%s %d/%s failed: retrying: %v", what, failures, allowed, err)
		return false, nil, nil
	}})
	if err == nil && !done {
		err = ctx.Err()
	}
	return client, err
}

func (e *Endpoint) address() string {
	port := "22"
	if e.Port != nil {
		port = strconv.FormatFloat(*e.Port, 'f', 0, 64)
	}
	return net.JoinHostPort(*e.Host, port)
}

func (e *Endpoint) errorLimit() int {
	if e.DialErrorLimit == nil {
		return defaultDialErrorLimit
	}
	return *e.DialErrorLimit
}

func (e *Endpoint) clientConfig() (*ssh.ClientConfig, error) {
	config := &ssh.ClientConfig{
		User:            "root",
		HostKeyCallback: ssh.InsecureIgnoreHostKey(), //nolint:gosec // as the vendor's, unless hostKey is given
		Timeout:         defaultPerDialTimeout * time.Second,
	}
	if e.User != nil {
		config.User = *e.User
	}
	if e.PerDialTimeout != nil {
		config.Timeout = time.Duration(*e.PerDialTimeout) * time.Second
	}
	if e.HostKey != nil {
		key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(*e.HostKey))
		if err != nil {
			return nil, fmt.Errorf("failed to parse host key: %w", err)
		}
		config.HostKeyCallback = ssh.FixedHostKey(key)
		config.HostKeyAlgorithms = []string{key.Type()}
	}
	var err error
	config.Auth, err = e.authMethods()
	return config, err
}

func (e *Endpoint) authMethods() ([]ssh.AuthMethod, error) {
	var methods []ssh.AuthMethod
	if e.PrivateKey != nil {
		signer, err := parsePrivateKey(*e.PrivateKey, e.PrivateKeyPassword)
		if err != nil {
			return nil, err
		}
		methods = append(methods, ssh.PublicKeys(signer))
	}
	if password := e.Password; password != nil {
		answer := func(_, _ string, questions []string, _ []bool) ([]string, error) {
			answers := make([]string, len(questions))
			for i := range answers {
				answers[i] = *password
			}
			return answers, nil
		}
		methods = append(methods, ssh.Password(*password), ssh.KeyboardInteractive(answer))
	}
	socket := os.Getenv("SSH_AUTH_SOCK")
	if e.AgentSocketPath != nil {
		socket = *e.AgentSocketPath
	}
	if socket != "" {
		conn, err := net.Dial("unix", socket)
		if err != nil {
			return nil, err
		}
		methods = append(methods, ssh.PublicKeysCallback(agent.NewClient(conn).Signers))
	}
	return methods, nil
}

func parsePrivateKey(text string, password *string) (ssh.Signer, error) {
	if password != nil {
		return ssh.ParsePrivateKeyWithPassphrase([]byte(text), []byte(*password))
	}
	return ssh.ParsePrivateKey([]byte(text))
}
