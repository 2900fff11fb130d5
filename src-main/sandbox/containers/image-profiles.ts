import agnhost from '#resources/images/agnhost.json';
import alpine from '#resources/images/alpine.json';
import bash from '#resources/images/bash.json';
import busybox from '#resources/images/busybox.json';
import certManagerAcmesolver from '#resources/images/cert-manager-acmesolver.json';
import certManagerCainjector from '#resources/images/cert-manager-cainjector.json';
import certManagerController from '#resources/images/cert-manager-controller.json';
import certManagerWebhook from '#resources/images/cert-manager-webhook.json';
import coredns from '#resources/images/coredns.json';
import curl from '#resources/images/curl.json';
import debian from '#resources/images/debian.json';
import elasticsearch from '#resources/images/elasticsearch.json';
import etcd from '#resources/images/etcd.json';
import fedora from '#resources/images/fedora.json';
import fluentBit from '#resources/images/fluent-bit.json';
import fluentd from '#resources/images/fluentd.json';
import grafana from '#resources/images/grafana.json';
import helloNode from '#resources/images/hello-node.json';
import hpaExample from '#resources/images/hpa-example.json';
import httpd from '#resources/images/httpd.json';
import ingressNginx from '#resources/images/ingress-nginx.json';
import jaeger from '#resources/images/jaeger.json';
import jaegerAgent from '#resources/images/jaeger-agent.json';
import jaegerCollector from '#resources/images/jaeger-collector.json';
import jaegerQuery from '#resources/images/jaeger-query.json';
import kafka from '#resources/images/kafka.json';
import kubeApiserver from '#resources/images/kube-apiserver.json';
import kubeControllerManager from '#resources/images/kube-controller-manager.json';
import kubeProxy from '#resources/images/kube-proxy.json';
import kubeScheduler from '#resources/images/kube-scheduler.json';
import metricsServer from '#resources/images/metrics-server.json';
import kubeWebhookCertgen from '#resources/images/kube-webhook-certgen.json';
import mysql from '#resources/images/mysql.json';
import nginx from '#resources/images/nginx.json';
import node from '#resources/images/node.json';
import pause from '#resources/images/pause.json';
import postgres from '#resources/images/postgres.json';
import private_ from '#resources/images/private.json';
import prometheus from '#resources/images/prometheus.json';
import python from '#resources/images/python.json';
import rabbitmq from '#resources/images/rabbitmq.json';
import redis from '#resources/images/redis.json';
import stress from '#resources/images/stress.json';
import tomcat from '#resources/images/tomcat.json';
import toolbox from '#resources/images/toolbox.json';
import ubuntu from '#resources/images/ubuntu.json';
import xtrabackup from '#resources/images/xtrabackup.json';
import zookeeper from '#resources/images/zookeeper.json';
import type { ImageProfile } from './image-profile';

/** The images that are known, the first that fits a name wins. */
export const imageProfiles = [
  agnhost,
  alpine,
  bash,
  busybox,
  certManagerAcmesolver,
  certManagerCainjector,
  certManagerController,
  certManagerWebhook,
  coredns,
  curl,
  debian,
  elasticsearch,
  etcd,
  fedora,
  fluentBit,
  fluentd,
  grafana,
  helloNode,
  hpaExample,
  httpd,
  ingressNginx,
  jaeger,
  jaegerAgent,
  jaegerCollector,
  jaegerQuery,
  kafka,
  kubeApiserver,
  kubeControllerManager,
  kubeProxy,
  kubeScheduler,
  kubeWebhookCertgen,
  metricsServer,
  mysql,
  nginx,
  node,
  pause,
  postgres,
  prometheus,
  python,
  rabbitmq,
  redis,
  stress,
  tomcat,
  toolbox,
  ubuntu,
  xtrabackup,
  zookeeper,
  private_,
] as unknown as readonly ImageProfile[];
