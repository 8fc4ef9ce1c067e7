// Loaded before bin/app.mjs by a test: takes the error action from every topic rule, as somebody's aspect might.
import { App, CfnResource } from 'aws-cdk-lib';

const { synth } = App.prototype;
App.prototype.synth = function (...options) {
  for (const construct of this.node.findAll()) {
    if (CfnResource.isCfnResource(construct) && construct.cfnResourceType === 'AWS::IoT::TopicRule') {
      construct.addPropertyDeletionOverride('TopicRulePayload.ErrorAction');
    }
  }
  return synth.apply(this, options);
};
