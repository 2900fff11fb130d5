/** How objects of a custom resource get from one version to another: `spec.conversion` of its definition. */
import { randomUUID } from 'node:crypto';
import type { AnyObject } from '#common/kube/object';
import { unforeseen } from '#common/kube/status-error';
import type { CustomResourceDefinition, WebhookConversion } from '#common/kube/types';
import { callWebhook, type ServiceDialer } from '#main/sandbox/webhooks/webhook-client';
import { conversionOf, conversionReview, convertedObject, reviewVersionOf } from './conversion-review';

/** Throws, or rejects with, ApiStatusError. The argument is not edited. */
export type Convert = (object: AnyObject, apiVersion: string) => AnyObject | Promise<AnyObject>;

/** What a real server waits for any conversion webhook. */
const TIMEOUT_SECONDS = 30;

/** `dialer` reaches webhooks behind Services of the cluster; without it only those with a URL answer. */
export function conversionOfDefinition({ spec }: CustomResourceDefinition, dialer?: ServiceDialer): Convert {
  const { strategy = 'None', webhook } = spec.conversion ?? {};
  return strategy === 'Webhook' && webhook ? byWebhook(webhook, dialer) : renamed;
}

/** Strategy None: the version is another one, the content stays. */
const renamed: Convert = (object, apiVersion) =>
  object.apiVersion === apiVersion ? object : { ...object, apiVersion };

/** As a real server does, a call for each object: it reads them one by one. */
function byWebhook(
  { clientConfig = {}, conversionReviewVersions }: WebhookConversion,
  dialer?: ServiceDialer,
): Convert {
  const ask = async (object: AnyObject, desiredAPIVersion: string): Promise<AnyObject> => {
    const version = reviewVersionOf(conversionReviewVersions);
    const asked = { uid: randomUUID(), object, desiredAPIVersion };
    const body = conversionReview(asked, version);
    const call = { config: clientConfig, body, timeoutSeconds: TIMEOUT_SECONDS, dialer };
    const review = await callWebhook(call).catch((cause: Error) => {
      throw new Error(`${conversionOf(object)} failed: ${cause.message}`, { cause });
    });
    return convertedObject(review, asked, version);
  };
  return (object, apiVersion) => {
    if (object.apiVersion === apiVersion) return object;
    return ask(object, apiVersion).catch((problem: Error) => {
      throw unforeseen(problem.message);
    });
  };
}
