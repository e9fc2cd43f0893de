package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"time"
)

const secretHeader = "X-Stand-In-Agent-Secret"

// nodeInfo is what an agent tells of its node.
type nodeInfo struct {
	Name         string `json:"name"`
	Architecture string `json:"architecture"`
	Engine       string `json:"engine"`
	Memory       int64  `json:"memory"`
	CPUs         int    `json:"cpus"`
	Address      string `json:"address"`
}

// runAgent answers for one node; like the original it gives up without its cluster's name or its Docker socket.
func runAgent([]string) error {
	if cluster := os.Getenv("AGENT_CLUSTER_ADDR"); cluster != "" {
		err := try("cluster address", 10, 3*time.Second, func() error {
			peers, err := net.LookupHost(cluster)
			log.Printf("%s: %d agents", cluster, len(peers))
			return err
		})
		if err != nil {
			return err
		}
	}
	if _, err := dockerInfo(); err != nil {
		return fmt.Errorf("docker socket: %w", err)
	}
	certificate, err := selfSigned()
	if err != nil {
		return err
	}
	listener, err := tls.Listen("tcp", listen(":9001"), &tls.Config{Certificates: []tls.Certificate{certificate}})
	if err != nil {
		return err
	}
	log.Printf("version %s listens on %s", version(), listener.Addr())
	server := &http.Server{Handler: agentHandler(os.Getenv("AGENT_SECRET")), ReadHeaderTimeout: 10 * time.Second}
	return server.Serve(listener)
}

func agentHandler(secret string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/ping", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Portainer-Agent", version())
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("/stand-in/node", func(w http.ResponseWriter, r *http.Request) {
		if subtle.ConstantTimeCompare([]byte(r.Header.Get(secretHeader)), []byte(secret)) != 1 {
			writeJSON(w, http.StatusForbidden, map[string]string{"message": "agent: AGENT_SECRET differs from the panel's"})
			return
		}
		info, err := dockerInfo()
		if err != nil {
			writeJSON(w, http.StatusBadGateway, map[string]string{"message": "agent: docker: " + err.Error()})
			return
		}
		writeJSON(w, http.StatusOK, info)
	})
	return mux
}

func dockerInfo() (nodeInfo, error) {
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", "/var/run/docker.sock")
		},
	}}
	answer, err := client.Get("http://docker/info")
	if err != nil {
		return nodeInfo{}, err
	}
	defer answer.Body.Close()
	var info struct {
		Name, Architecture, ServerVersion string
		MemTotal                          int64
		NCPU                              int
		Swarm                             struct{ NodeAddr string }
	}
	if err := json.NewDecoder(answer.Body).Decode(&info); err != nil {
		return nodeInfo{}, err
	}
	return nodeInfo{info.Name, info.Architecture, info.ServerVersion, info.MemTotal, info.NCPU, info.Swarm.NodeAddr}, nil
}

func selfSigned() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().AddDate(10, 0, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}
